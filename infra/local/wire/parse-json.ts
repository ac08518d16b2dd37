import { fail, ok, type Result } from '../../../domain/kernel/result.ts';

/** JSON from outside: what cannot be read is a value, with the parser's reason. */
export function parseJson(text: string): Result<unknown, string> {
  try {
    return ok(JSON.parse(text));
  } catch (error) {
    return fail(`not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}
