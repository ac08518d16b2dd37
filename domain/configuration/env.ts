import * as z from 'zod';
import { fail, ok, type Result } from '../kernel/result.ts';
import { describe } from './describe.ts';
import type { EnvValue, ResolvedTask, TaskConfiguration } from './normalized.ts';
import { mustBe, type Problem, type Refusals, refuse, refuseEntry } from './problem.ts';
import { bytesOf, unsupportedReference, unwritable } from './text.ts';

const MAX_VARIABLES = 1000;

// Linux refuses a single argument or variable of 128 KiB or more (MAX_ARG_STRLEN), its NUL included.
const MAX_VARIABLE_BYTES = 131_071;

const PASS_ON_HINT =
  'list it as `- NAME` to take it from your own environment, or give it a value: `NAME=value`';

/** `["A=1", "B"]` or `{A: "1"}`. `B`, without a value, is taken from the submitter's environment. */
export const env = z
  .union([z.array(z.unknown()), z.looseObject({})], {
    error: mustBe('a list such as `- NAME=value`, or a map of names to values'),
  })
  .transform((written, ctx): Record<string, EnvValue> => {
    const variables = new Map<string, EnvValue>();
    if (Array.isArray(written)) readList(written, variables, ctx);
    else readMap(written, variables, ctx);
    if (variables.size > MAX_VARIABLES) {
      return refuse(ctx, `has ${variables.size} variables; at most ${MAX_VARIABLES} are taken`);
    }
    // Not by assignment: a variable could be called as a property that every object inherits.
    return Object.fromEntries(variables);
  });

function readList(list: readonly unknown[], into: Map<string, EnvValue>, ctx: Refusals): void {
  list.forEach((entry, index) => {
    if (typeof entry !== 'string') {
      refuseEntry(
        ctx,
        index,
        'value',
        `must be text such as NAME=value, not ${describe(entry)}`,
        entryHint(entry),
      );
      return;
    }
    const equals = entry.indexOf('=');
    const name = equals < 0 ? entry : entry.slice(0, equals);
    const value = equals < 0 ? { key: entry } : entry.slice(equals + 1);
    const wrong = wrongName(name) ?? (into.has(name) ? `\`${name}\` is set twice` : wrongValue(name, value));
    if (wrong !== null) refuseEntry(ctx, index, 'value', wrong);
    else into.set(name, value);
  });
}

function readMap(map: Record<string, unknown>, into: Map<string, EnvValue>, ctx: Refusals): void {
  for (const [name, value] of Object.entries(map)) {
    const wrong = wrongName(name);
    const parsed = z.union([z.string(), z.strictObject({ key: z.literal(name) })]).safeParse(value);
    if (wrong !== null) refuseEntry(ctx, name, 'key', wrong);
    else if (!parsed.success) refuseEntry(ctx, name, 'value', ...notText(value));
    else {
      const unfit = wrongValue(name, parsed.data);
      if (unfit !== null) refuseEntry(ctx, name, 'value', unfit);
      else into.set(name, parsed.data);
    }
  }
}

function entryHint(entry: unknown): string {
  if (typeof entry !== 'object' || entry === null) return 'write NAME=value';
  return 'in a list, write NAME=value; for NAME: value, leave out the dashes';
}

// Never the value itself: it may be a secret, and messages end up in logs.
function notText(value: unknown): [message: string, hint: string] {
  if (value === null) return ['has no value', `${PASS_ON_HINT}; an empty one is ""`];
  const what = typeof value === 'object' ? describe(value) : `a ${typeof value}`;
  return [
    `must be text, not ${what}`,
    'quote it: YAML would change 3.10 to 3.1, and `yes` is not "yes" to everyone',
  ];
}

function wrongName(name: string): string | null {
  // Not quoted: a secret pasted without its name would be shown.
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || name.length > 255) {
    return 'needs a variable name first: letters, digits and _ only, not starting with a digit';
  }
  // Assigning it to an object sets its prototype, wherever the configuration goes from here.
  if (name === '__proto__') return 'the name `__proto__` is not allowed';
  // The runner sets them: one set here would tell the job untrue things of its own run.
  const reserved = /^(SORTIE|DSTACK)_/.exec(name)?.[0];
  if (reserved !== undefined) return `\`${name}\` is reserved: Sortie sets the ${reserved}* variables itself`;
  return null;
}

function wrongValue(name: string, value: EnvValue): string | null {
  if (typeof value !== 'string') return null;
  const bytes = bytesOf(name) + 1 + bytesOf(value);
  if (bytes > MAX_VARIABLE_BYTES) {
    return `\`${name}\` is ${bytes} bytes with its value; Linux takes at most ${MAX_VARIABLE_BYTES}`;
  }
  return unwritable(value) ?? unsupportedReference(value);
}

/** The variables that still have to be taken from the submitter's environment, in the order written. */
export function unresolvedEnv(task: TaskConfiguration): readonly string[] {
  return Object.entries(task.env).flatMap(([name, value]) => (typeof value === 'string' ? [] : [name]));
}

/** Fills those variables from `lookup`. A problem for each that `lookup` lacks. */
export function resolveEnv(
  task: TaskConfiguration,
  lookup: (name: string) => string | undefined,
): Result<ResolvedTask, readonly Problem[]> {
  const problems: Problem[] = [];
  const resolved = Object.entries(task.env).map(([name, value]): [string, string] => {
    const found = typeof value === 'string' ? value : lookup(value.key);
    const path = ['env', name];
    if (found === undefined) {
      problems.push({
        path,
        message: `\`${name}\` has no value, here or in your environment`,
        hint: `run \`export ${name}=…\` first, or write ${name}=value under \`env\``,
      });
      return [name, ''];
    }
    const unfit = wrongValue(name, found);
    if (unfit !== null) problems.push({ path, message: unfit });
    return [name, found];
  });
  return problems.length > 0 ? fail(problems) : ok({ ...task, env: Object.fromEntries(resolved) });
}
