import type { Path } from './problem.ts';
import { refersToArguments, withArguments } from './references.ts';

type Written = Readonly<Record<string, unknown>>;

/** A field that is given beside the file. */
export interface Override {
  /** Where: `--gpu`, `profile big`. */
  readonly by: string;
  readonly path: Path;
  readonly value: unknown;
}

/** A variable of `env`, which the file may have as a list or as a map. */
export interface GivenVariable {
  readonly name: string;
  readonly value: string;
}

export interface Given {
  /** They hold where the file does not have the field. */
  readonly defaults: readonly Override[];
  /** They hold whatever the file has. */
  readonly overrides: readonly Override[];
  readonly variables: readonly GivenVariable[];
  /** For `${{ run.args }}` in a command. */
  readonly args: readonly string[];
}

/** A field whose value is not the file's, and what the file has in its place, if anything. */
export interface Overridden extends Override {
  readonly before: unknown;
}

export interface Merged {
  readonly written: Written;
  readonly overridden: readonly Overridden[];
  /** A command refers to the arguments. */
  readonly takesArguments: boolean;
}

/** The configuration with all that is given beside its file, as the file could have had it. */
export function withOverrides(file: Written, { defaults, overrides, variables, args }: Given): Merged {
  const missing = defaults.filter(({ path }) => isAbsent(valueAt(file, path)));
  const all = [...missing, ...overrides];
  const overridden: Overridden[] = all.map((one) => ({ ...one, before: valueAt(file, one.path) ?? null }));
  let written: Written = all.reduce((at, { path, value }) => withValue(at, path, value), file);
  for (const variable of variables) {
    const placed = withVariable(written['env'], variable);
    if (placed === null) continue;
    written = { ...written, env: placed.env };
    // Its value may be a secret.
    overridden.push({ by: '-e', path: ['env', placed.at], value: variable.name, before: null });
  }
  return { written: withArgumentsIn(written, args), overridden, takesArguments: takesArguments(written) };
}

/** `${{ run.args }}` is for the commands, as in dstack: of all nodes, or of each group. */
function withArgumentsIn(written: Written, args: readonly string[]): Written {
  const { commands, groups } = written;
  const filled = (lines: unknown) =>
    Array.isArray(lines)
      ? lines.map((line: unknown) => (typeof line === 'string' ? withArguments(line, args) : line))
      : lines;
  return {
    ...written,
    ...(commands !== undefined && { commands: filled(commands) }),
    ...(Array.isArray(groups) && {
      groups: groups.map((group: unknown) =>
        isMap(group) && 'commands' in group ? { ...group, commands: filled(group['commands']) } : group,
      ),
    }),
  };
}

function takesArguments({ commands, groups }: Written): boolean {
  const all = [
    commands,
    ...(Array.isArray(groups) ? groups.map((group) => valueAt(group, ['commands'])) : []),
  ];
  return all.flat().some((line) => typeof line === 'string' && refersToArguments(line));
}

const isAbsent = (value: unknown): boolean => value === undefined || value === null;

const isMap = (value: unknown): value is Written =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((at, step) => (isMap(at) && Object.hasOwn(at, step) ? at[step] : undefined), value);

/** What is no map where a map belongs stays: the parser tells of it. */
function withValue(map: Written, [step, ...rest]: Path, value: unknown): Written {
  if (step === undefined) return map;
  if (rest.length === 0) return { ...map, [step]: value };
  const inner = map[step] ?? {};
  return isMap(inner) ? { ...map, [step]: withValue(inner, rest, value) } : map;
}

/** In the place of the variable of that name, so that the others keep theirs; `null`: `env` is neither a list nor a map. */
function withVariable(env: unknown, { name, value }: GivenVariable) {
  const entry = `${name}=${value}`;
  if (isAbsent(env)) return { env: [entry], at: 0 };
  if (isMap(env)) return { env: Object.fromEntries([...Object.entries(env), [name, value]]), at: name };
  if (!Array.isArray(env)) return null;
  const found = env.findIndex((one) => typeof one === 'string' && one.split('=', 1)[0] === name);
  const at = found < 0 ? env.length : found;
  return { env: [...env.slice(0, at), entry, ...env.slice(at + 1)], at };
}

/** Where the value at a path comes from, if not from the file. */
export const givenBy = (path: Path, overridden: readonly Overridden[]): Overridden | undefined =>
  overridden.findLast((one) => one.path.every((step, index) => path[index] === step));
