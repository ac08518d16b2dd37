import * as fs from 'node:fs';
import { fail, ok, type Result } from '../../../../domain/kernel/result.ts';
import type { BundledContainer } from '../../contract.ts';

type Volumes = BundledContainer['volumes'];

/**
 * As dstack does it: a directory that is not there is made, for every user to write in, and one that is there is taken as
 * it is. Where it cannot be made, a volume is left out if it is optional.
 */
export function mountable(volumes: Volumes): Result<Volumes, string> {
  const there: Volumes = [];
  for (const volume of volumes) {
    const refusal = makeSure(volume.instance_path);
    if (refusal === null) there.push(volume);
    else if (!volume.optional)
      return fail(
        `volumes: '${volume.instance_path}' is not on this instance and cannot be made (${refusal})`,
      );
  }
  return ok(there);
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
