import * as z from 'zod';
import { fail, ok, type Result } from '../kernel/result.ts';
import { describe } from './describe.ts';
import type { EnvValue, TaskConfiguration } from './normalized.ts';
import { type Problem, type Refusals, refuse, refuseEntry } from './problem.ts';
import { escaped, wrongFromOutside, wrongInVariable } from './references.ts';
import { bytesOf, unwritable } from './text.ts';

const MAX_VARIABLES = 1000;

// Linux refuses a single argument or variable of 128 KiB or more (MAX_ARG_STRLEN), its NUL included.
export const MAX_VARIABLE_BYTES = 131_071;

// Linux gives a program 2 MiB for all its arguments and variables together: a quarter of its stack of 8 MiB (execve(2)).
export const MAX_ENVIRONMENT_BYTES = 2 * 1024 * 1024;

/** After `SORTIE_` and `DSTACK_`: the variables of a job that say what it is a part of. */
export const SET_BY_SORTIE: readonly string[] = [
  ...['RUN_ID', 'RUN_NAME', 'PROJECT', 'JOB_ID', 'JOB_NUM', 'SUBMISSION_ID', 'REPLICA_NUM'],
  ...['NODE_RANK', 'NODES_NUM', 'NODES_IPS', 'MASTER_NODE_IP', 'MPI_HOSTFILE', 'GPUS_PER_NODE', 'GPUS_NUM'],
  ...['INSTANCE_TYPE', 'REGION'],
];

const PASS_ON_HINT =
  'list it as `- NAME` to take it from your own environment, or give it a value: `NAME=value`';

/** What a value may refer to: to nothing, as it comes from outside; to secrets; or to variables as well, which are known once all is read. */
type References = 'refused' | 'to secrets' | 'left alone';

const variables = (references: References) =>
  z
    .union([z.array(z.unknown()), z.looseObject({})], {
      error: ({ input }) =>
        // Without the value: it may be a secret that was pasted in the wrong place.
        input === undefined
          ? 'is missing: a list such as `- NAME=value`, or a map of names to values'
          : `must be a list such as \`- NAME=value\`, or a map of names to values, not ${typeof input === 'string' ? 'a text' : describe(input)}`,
    })
    .transform((written, ctx): Record<string, EnvValue> => {
      // Before they are read: a problem for each of very many would take long.
      const count = Array.isArray(written) ? written.length : Object.keys(written).length;
      if (count > MAX_VARIABLES)
        return refuse(ctx, `has ${count} variables; at most ${MAX_VARIABLES} are taken`);
      const found = new Map<string, EnvValue>();
      const wrong = (name: string, value: EnvValue) => wrongValue(name, value, references);
      if (Array.isArray(written)) readList(written, found, wrong, ctx);
      else readMap(written, found, wrong, ctx);
      const bytes = bytesInAll(found);
      if (bytes > MAX_ENVIRONMENT_BYTES)
        return refuse(ctx, `is ${bytes} bytes in all; Linux takes at most ${MAX_ENVIRONMENT_BYTES}`);
      // Not by assignment: a variable could be called as a property that every object inherits.
      return Object.fromEntries(found);
    });

/** `["A=1", "B"]` or `{A: "1"}`. `B`, without a value, is taken from the submitter's environment. */
export const env = variables('to secrets');

/** The same of a container itself: its values may name those of the job. */
export const containerEnv = variables('left alone');

const bytesInAll = (variables: ReadonlyMap<string, EnvValue>): number =>
  [...variables].reduce(
    (sum, [name, value]) => sum + bytesOf(name) + 2 + (typeof value === 'string' ? bytesOf(value) : 0),
    0,
  );

type Wrong = (name: string, value: EnvValue) => string | null;

function readList(list: readonly unknown[], into: Map<string, EnvValue>, unfit: Wrong, ctx: Refusals): void {
  list.forEach((entry, index) => {
    if (typeof entry !== 'string') {
      refuseEntry(
        ctx,
        index,
        'value',
        `must be text such as NAME=value, not ${typeof entry === 'object' ? describe(entry) : `a ${typeof entry}`}`,
        entryHint(entry),
      );
      return;
    }
    const equals = entry.indexOf('=');
    const name = equals < 0 ? entry : entry.slice(0, equals);
    const value = equals < 0 ? { key: entry } : entry.slice(equals + 1);
    const wrong = wrongName(name) ?? (into.has(name) ? `\`${name}\` is set twice` : unfit(name, value));
    if (wrong !== null) refuseEntry(ctx, index, 'value', wrong);
    else into.set(name, value);
  });
}

function readMap(
  map: Record<string, unknown>,
  into: Map<string, EnvValue>,
  unfit: Wrong,
  ctx: Refusals,
): void {
  for (const [name, value] of Object.entries(map)) {
    const wrong = wrongName(name);
    const parsed = mapValue(name).safeParse(value);
    if (wrong !== null) refuseEntry(ctx, name, 'key', wrong);
    else if (!parsed.success) refuseEntry(ctx, name, 'value', ...notText(value));
    else {
      const wrong = unfit(name, parsed.data);
      if (wrong !== null) refuseEntry(ctx, name, 'value', wrong);
      else into.set(name, parsed.data);
    }
  }
}

/** A number is written as it is read: its YAML may have had more digits, which `unlikeWritten` tells of. */
const mapValue = (name: string) =>
  z.union([
    z.string(),
    z.number().transform((number) => String(number)),
    z.strictObject({ key: z.literal(name) }),
  ]);

function entryHint(entry: unknown): string {
  if (typeof entry !== 'object' || entry === null) return 'write NAME=value';
  return 'in a list, write NAME=value; for NAME: value, leave out the dashes';
}

// Never the value itself: it may be a secret, and messages end up in logs.
function notText(value: unknown): [message: string, hint: string] {
  if (value === null) return ['has no value', `${PASS_ON_HINT}; an empty one is ""`];
  const what = typeof value === 'object' ? describe(value) : `a ${typeof value}`;
  return [`must be text, not ${what}`, 'quote it: YAML has several words for true and false'];
}

function wrongName(name: string): string | null {
  // Not quoted: a secret pasted without its name would be shown.
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || name.length > 255) {
    return 'needs a variable name first: letters, digits and _ only, not starting with a digit';
  }
  // Assigning it to an object sets its prototype, wherever the configuration goes from here.
  if (name === '__proto__') return 'the name `__proto__` is not allowed';
  // The runner sets them: one set here would tell the job untrue things of its own run.
  if (name.startsWith('SORTIE_')) return `\`${name}\` is reserved: Sortie sets the SORTIE_* variables itself`;
  const own = /^DSTACK_(\w+)$/.exec(name)?.[1];
  if (own !== undefined && SET_BY_SORTIE.includes(own))
    return `\`${name}\` is reserved: Sortie sets it itself`;
  return null;
}

function wrongValue(name: string, value: EnvValue, references: References): string | null {
  if (typeof value !== 'string') return null;
  const bytes = bytesOf(name) + 1 + bytesOf(value);
  if (bytes > MAX_VARIABLE_BYTES) {
    return `\`${name}\` is ${bytes} bytes with its value; Linux takes at most ${MAX_VARIABLE_BYTES}`;
  }
  return unwritable(value) ?? wrongReference(value, references);
}

function wrongReference(value: string, references: References): string | null {
  switch (references) {
    case 'refused':
      return wrongFromOutside(value);
    case 'to secrets':
      return wrongInVariable(value);
    case 'left alone':
      return null;
  }
}

/** The variables that still have to be taken from the submitter's environment, in the order written. */
export function unresolvedEnv({ env, container }: TaskConfiguration): readonly (readonly string[])[] {
  const missing = (values: Readonly<Record<string, EnvValue>>, ...at: string[]) =>
    Object.entries(values).flatMap(([name, value]) => (typeof value === 'string' ? [] : [[...at, name]]));
  return [...missing(env, 'env'), ...missing(container?.env ?? {}, 'container', 'env')];
}

// A process reads bytes that are not UTF-8 in its environment as U+FFFD: the value has already lost them.
const notUtf8 = (value: string): string | null =>
  value.includes('\ufffd') ? 'has bytes that are not UTF-8 in your environment' : null;

export type Variables = Readonly<Record<string, string>>;

/** Fills those variables from `lookup`: the job's, and its container's. A problem for each that `lookup` lacks. */
export function resolveEnv(
  { env, container }: TaskConfiguration,
  lookup: (name: string) => string | undefined,
): Result<{ env: Variables; container: Variables }, readonly Problem[]> {
  const problems: Problem[] = [];
  const resolve = (values: Readonly<Record<string, EnvValue>>, ...at: string[]): Variables =>
    Object.fromEntries(
      Object.entries(values).map(([name, value]): [string, string] => {
        const found = typeof value === 'string' ? value : lookup(value.key);
        const path = [...at, name];
        if (found === undefined) {
          problems.push({
            path,
            message: `\`${name}\` has no value, here or in your environment`,
            hint: `run \`export ${name}=…\` first, or write ${name}=value under \`env\``,
          });
          return [name, ''];
        }
        if (typeof value === 'string') return [name, value];
        const [message, hint] = (notUtf8(found) ?? wrongValue(name, found, 'refused'))?.split('\n') ?? [];
        if (message !== undefined) problems.push({ path, message, ...(hint !== undefined && { hint }) });
        return [name, escaped(found)];
      }),
    );
  const resolved = { env: resolve(env, 'env'), container: resolve(container?.env ?? {}, 'container', 'env') };
  return problems.length > 0 ? fail(problems) : ok(resolved);
}
