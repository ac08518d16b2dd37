import * as z from 'zod';

/** The function's environment by its schema, at cold start; every missing or wrong name in one error. */
export function readEnvironment<T>(schema: z.ZodType<T>, values: Record<string, string | undefined>): T {
  const result = schema.safeParse(values);
  if (result.success) return result.data;
  const wrong = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  throw new Error(`the function's environment is incomplete: ${wrong}; serverless.yml sets it`);
}
