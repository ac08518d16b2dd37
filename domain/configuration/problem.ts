import * as z from 'zod';
import { describe, visible } from './describe.ts';

/** How many problems of a configuration are told. */
export const MAX_PROBLEMS = 50;

export type Path = readonly (string | number)[];

/** Something in a configuration that cannot be accepted, where it is, and what to do about it. */
export type Problem = {
  /** Field names and list indexes from the top; empty for the configuration as a whole. */
  readonly path: Path;
  readonly message: string;
  readonly hint?: string;
  /** The name of the field is wrong rather than its value. */
  readonly about?: 'key';
};

/** `resources.gpu.count`, `commands[0]`. */
export function formatPath(path: Path): string {
  return path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`;
      return `${index === 0 ? '' : '.'}${visible(step.length > 60 ? `${step.slice(0, 60)}…` : step)}`;
    })
    .join('');
}

// zod carries one string per issue: the hint travels on its second line.
export const withHint = (message: string, hint?: string): string =>
  hint === undefined ? message : `${message}\n${hint}`;

/** The error of a schema that wants `what`: "must be a size such as 16GB, not a list". */
export const mustBe =
  (what: string, hint?: string) =>
  (issue: { readonly input?: unknown }): string =>
    withHint(
      issue.input === undefined ? `is missing: ${what}` : `must be ${what}, not ${describe(issue.input)}`,
      hint,
    );

/** The context of a transform, as far as the grammar uses it. */
export type Refusals = Pick<z.RefinementCtx, 'addIssue' | 'issues'>;

/** Refuses the value as a whole. The result stands for "no value" to zod: return it from the transform, never use it. */
export function refuse(ctx: Refusals, message: string, hint?: string): never {
  ctx.addIssue({ code: 'custom', message: withHint(message, hint) });
  return z.NEVER;
}

/** Refuses one entry of a list or map: its value, or its name. */
export function refuseEntry(
  ctx: Refusals,
  step: string | number,
  about: 'key' | 'value',
  message: string,
  hint?: string,
): void {
  ctx.addIssue({ code: 'custom', message: withHint(message, hint), path: [step], params: { about } });
}

/**
 * Reads `value` with another schema. A shorthand such as `A100:80GB:2` has no inner fields to point at, so what is
 * wrong with its parts is reported `here`; what is wrong with the fields of a map, `inside`.
 */
export function readBy<T>(schema: z.ZodType<T>, value: unknown, ctx: Refusals, where: 'here' | 'inside'): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    const path = where === 'here' ? [] : issue.path;
    if (issue.code === 'unrecognized_keys') {
      // zod lets the value of a schema with unknown keys go on to the next one; here there is no value.
      // A path of its own for each: what is around puts its own steps in front, in place.
      for (const unknown of issue.keys)
        ctx.addIssue({ code: 'custom', path: [...path], params: { unknown } });
      continue;
    }
    ctx.issues.push({ ...issue, input: value, path } as z.core.$ZodRawIssue);
  }
  return z.NEVER;
}

// Finding what each of 20,000 fields was meant to be would take seconds, and only the first problems are told.
const unknownField = (path: Path, key: string): Problem => ({
  path: [...path, key],
  message: 'unknown field',
  about: 'key',
});

/** What zod found, the first for each value; `explain` says what an unknown field deserves to be told. */
export function problemsOf(error: z.ZodError, explain: (path: Path, key: string) => Problem): Problem[] {
  const seen = new Set<string>();
  const problems = error.issues.flatMap((issue): Problem[] => {
    const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key, index) =>
        index < MAX_PROBLEMS ? explain(path, key) : unknownField(path, key),
      );
    if (issue.code === 'custom' && typeof issue.params?.unknown === 'string') {
      return [explain(path, issue.params.unknown)];
    }
    const [message = '', hint] = issue.message.split('\n', 2);
    const about = issue.code === 'custom' && issue.params?.about === 'key' ? { about: 'key' as const } : {};
    return [{ path, message, ...(hint === undefined ? {} : { hint }), ...about }];
  });
  return problems.filter(({ path }) => {
    const at = JSON.stringify(path);
    const first = !seen.has(at);
    seen.add(at);
    return first;
  });
}
