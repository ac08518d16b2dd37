import {
  type Given,
  givenBy,
  type Merged,
  type Overridden,
  withOverrides,
} from '../domain/configuration/overrides.ts';
import { formatPath } from '../domain/configuration/problem.ts';
import { formatProblems, type LocatedProblem } from '../infra/yaml/located-problem.ts';
import { usage } from './exit.ts';

/** A run with what is given beside its file; `null`: it is no map, or a fleet, which takes nothing of this. */
export function mergedWith(plain: unknown, given: Given, file: string): Merged | null {
  if (typeof plain !== 'object' || plain === null || Array.isArray(plain)) return null;
  const written = plain as Readonly<Record<string, unknown>>;
  if (written['type'] === 'fleet') {
    const option =
      given.overrides.find(({ by }) => by !== '--name')?.by ??
      (given.variables.length > 0 ? '-e' : given.args[0]);
    if (option === undefined) return null;
    throw usage(`${option} is for runs, and ${file} has a fleet`, 'change its file, then apply it again');
  }
  const merged = withOverrides(written, given);
  if (given.args.length > 0 && !merged.takesArguments)
    throw usage(
      `no command of ${file} takes arguments such as ${JSON.stringify(given.args[0])}`,
      'write ${{ run.args }} where they belong in a command',
    );
  return merged;
}

/** Problems of the file with their places in it, and of the others each after the option or profile that it is of. */
export function formatMerged(problems: readonly LocatedProblem[], overridden: readonly Overridden[]): string {
  const [ofFile, ofOthers]: [LocatedProblem[], string[]] = [[], []];
  for (const problem of problems) {
    const given = givenBy(problem.path, overridden);
    if (given === undefined) ofFile.push(problem);
    else ofOthers.push(formatGiven(problem, given));
  }
  return [...ofOthers, ...(ofFile.length > 0 ? [formatProblems(ofFile)] : [])].join('\n');
}

function formatGiven({ path, message, hint }: LocatedProblem, { by, path: field }: Overridden): string {
  // A list's entries are given one by one.
  const inside = path.slice(field.length).filter((step) => typeof step === 'string');
  const where = formatPath(by.startsWith('-') ? inside : path);
  return [
    `${by}: ${where}${where && ': '}${message}`,
    ...(hint === undefined ? [] : [`  hint: ${hint}`]),
  ].join('\n');
}

/** `resources.gpu: 24GB.. (--gpu, in place of 16GB)` */
export const overriddenLines = (overridden: readonly Overridden[]): string[] =>
  overridden.map(({ by, path, value, before }) => {
    const place = before === null ? '' : `, in place of ${shown(before)}`;
    const field = by === '-e' ? ['env'] : path;
    return `${formatPath(field)}: ${shown(value)} (${by}${place})`;
  });

const shown = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : Array.isArray(value)
      ? value.map(shown).join(', ')
      : JSON.stringify(value);
