import * as fs from 'node:fs';
import { fail, ok, type Result } from '../../../../domain/kernel/result.ts';
import type { BundledContainer } from '../../contract.ts';

/**
 * As dstack does it: a directory that is not there is made, for every user to write in, and one that is there is taken as
 * it is. Where it cannot be made, a volume is left out if it is optional.
 */
export function volumeArguments(volumes: BundledContainer['volumes']): Result<string[], string> {
  const args: string[] = [];
  for (const { instance_path, path, mode, optional } of volumes) {
    const refusal = makeSure(instance_path);
    if (refusal === null) args.push(`--volume=${instance_path}:${path}:${mode}`);
    else if (!optional)
      return fail(`volumes: '${instance_path}' is not on this instance and cannot be made (${refusal})`);
  }
  return ok(args);
}

function makeSure(path: string): string | null {
  if (fs.existsSync(path)) return null;
  try {
    fs.mkdirSync(path, { recursive: true });
    fs.chmodSync(path, 0o777);
    return null;
  } catch (error) {
    return `${(error as NodeJS.ErrnoException).code}`;
  }
}
