import * as fs from 'node:fs';
import { fail, ok, type Result } from '../../../../domain/kernel/result.ts';
import type { BundledContainer } from '../../contract.ts';

type Volumes = BundledContainer['volumes'];

/**
 * Those that this instance has, as they are; the others are made where the run says `create`, for every user to write in.
 * One that is still missing is left out if it is optional.
 */
export function mountable(volumes: Volumes): Result<Volumes, string> {
  const there: Volumes = [];
  for (const volume of volumes) {
    const refusal = lacking(volume);
    if (refusal === null) there.push(volume);
    else if (!volume.optional) return fail(refusal);
  }
  return ok(there);
}

/** A bundle of the deployment before this one does not say `create`: it had every folder made. */
function lacking({ instance_path: path, create = true }: Volumes[number]): string | null {
  if (fs.existsSync(path)) return null;
  if (!create)
    return `volumes: there is no '${path}' on this instance; to have it made, write \`create: true\` beside its \`instance_path\`, or \`optional: true\` to do without it`;
  try {
    fs.mkdirSync(path, { recursive: true });
    fs.chmodSync(path, 0o777);
    return null;
  } catch (error) {
    return `volumes: '${path}' is not on this instance and cannot be made (${(error as NodeJS.ErrnoException).code})`;
  }
}
