import { fail, ok, type Result } from '../kernel/result.ts';
import { explainField } from './fields.ts';
import type { Resources } from './normalized.ts';
import { type Problem, problemsOf } from './problem.ts';
import { resources } from './resources.ts';

/** Reads resources by themselves, as the options of a command or a query name them. Paths start at the fields. */
export function parseResources(value: unknown): Result<Resources, readonly Problem[]> {
  const result = resources.safeParse(value);
  if (result.success) return ok(result.data);
  return fail(
    problemsOf(result.error, (path, field) => {
      const problem = explainField(['resources', ...path], field, []);
      return { ...problem, path: problem.path.slice(1) };
    }),
  );
}
