import * as fs from 'node:fs';
import { delimiter, join } from 'node:path';
import { fail, ok, type Result } from '../../../domain/kernel/result.ts';

/**
 * The absolute path of a program, by the supervisor's own PATH: the job's PATH may lead anywhere. A name with a slash is a
 * path already. Fails with the code of the system's answer.
 */
export function programPath(name: string): Result<string, string> {
  const candidates = name.includes('/')
    ? [name]
    : (process.env.PATH ?? '').split(delimiter).map((directory) => join(directory, name));
  let code = 'ENOENT';
  for (const candidate of candidates) {
    try {
      fs.accessSync(candidate, fs.constants.X_OK);
      if (fs.statSync(candidate).isFile()) return ok(candidate);
    } catch (error) {
      const found = (error as NodeJS.ErrnoException).code ?? 'ENOENT';
      if (found !== 'ENOENT' && found !== 'ENOTDIR') code = found;
    }
  }
  return fail(code);
}
