import type * as z from 'zod';
import { joinPath, NotUnderstood } from './paths.ts';

/** Parses with `schema`; the first problem is thrown as `NotUnderstood`, with its whole path. */
export function parseAt<T extends z.ZodType>(schema: T, value: unknown, path: string): z.output<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = deepest(parsed.error.issues);
  const at = issue.path.reduce<string>((parent, key) => joinPath(parent, key as string | number), path);
  throw new NotUnderstood(at, issue.message);
}

/** Of a union, the branch that came furthest is the one its writer meant. */
function deepest(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue {
  const candidates = issues.flatMap((issue) => {
    if (issue.code !== 'invalid_union') return [issue];
    return issue.errors
      .filter((branch) => branch.length > 0)
      .map((branch) => deepest(branch))
      .map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
  });
  return candidates.reduce((best, next) => (rank(next) > rank(best) ? next : best));
}

const rank = (issue: z.core.$ZodIssue) => issue.path.length + (issue.code === 'unrecognized_keys' ? 1 : 0);
