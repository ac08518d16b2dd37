import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Override } from '../domain/configuration/overrides.ts';
import { defaultsOf, type Profile } from '../domain/configuration/profile.ts';
import { formatProblems } from '../infra/yaml/located-problem.ts';
import { readProfiles } from '../infra/yaml/read-configuration.ts';
import { readUtf8 } from '../infra/yaml/utf8.ts';
import { shown } from './connection.ts';
import { Exit, Failure, usage } from './exit.ts';

// The project's come before the user's, and Sortie's own before dstack's.
const FILES = [process.cwd(), homedir()].flatMap((folder) =>
  ['.sortie', '.dstack'].map((tool) => join(folder, tool, 'profiles.yml')),
);

/** The fields of a profile: the one that is named, else the first that is the default; none where there is neither. */
export function profileFields(name: string | undefined): readonly Override[] {
  const all = [...new Set(FILES)].filter((file) => existsSync(file)).flatMap(profilesIn);
  const found = all.find((profile) => (name === undefined ? profile.default : profile.name === name));
  if (found !== undefined)
    return defaultsOf(found).map((one) => ({ ...one, by: `${one.by} of ${found.file}` }));
  if (name === undefined) return [];
  const names = [...new Set(all.map((profile) => profile.name))];
  throw usage(
    `there is no profile ${JSON.stringify(name)}; ${names.length > 0 ? `there are ${names.join(', ')}` : 'there are none'}`,
    'profiles are in .sortie/profiles.yml or .dstack/profiles.yml, here or in your home',
  );
}

function profilesIn(path: string): (Profile & { readonly file: string })[] {
  const file = shown(path);
  const text = readUtf8(bytesOf(path, file));
  if (!text.ok) {
    const { line, column, message, hint } = text.error;
    throw usage(`${file}:${line}:${column}: ${message}`, hint);
  }
  const read = readProfiles(text.value, file);
  if (!read.ok)
    throw new Failure(`${formatProblems(read.error)}\nnothing was submitted`, { exit: Exit.usage });
  return read.value.map((profile) => ({ ...profile, file }));
}

function bytesOf(path: string, file: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw usage(`cannot read ${file}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  }
}
