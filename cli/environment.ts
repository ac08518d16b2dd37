import * as z from 'zod';

const set = z
  .string()
  .optional()
  .transform((text) => text || undefined);

const Environment = z.object({
  /** Where Sortie answers; without it, the embedded one. */
  SORTIE_URL: set,
  SORTIE_TOKEN: set,
  /** Where the embedded Sortie keeps everything. */
  SORTIE_DATA: set,
  /** The table that `verify` reads, on AWS. */
  SORTIE_TABLE: set,
  /** Where the user's programs keep their settings; else ~/.config. */
  XDG_CONFIG_HOME: set,
  /** Where they keep what they can make again; else ~/.cache. */
  XDG_CACHE_HOME: set,
  /** https://no-color.org: set to anything, nothing is coloured. */
  NO_COLOR: set,
  TERM: set,
});

export const environment = Environment.parse(process.env);

/** A variable of the user's own, for `env: [NAME]` in a configuration. */
export const variable = (name: string): string | undefined =>
  Object.hasOwn(process.env, name) ? process.env[name] : undefined;

/** Of programs that it starts. */
export const wholeEnvironment = (): Readonly<Record<string, string | undefined>> => process.env;
