import * as fs from 'node:fs';
import { join } from 'node:path';
import type { Finding } from './check-health.ts';

const GIB = 2 ** 30;

let trials = 0;

/** Where Sortie's files are, and the jobs': it can be written to, and has a GiB free. */
export async function disk(home: string): Promise<Finding> {
  const { bavail, bsize } = fs.statfsSync(home);
  const trial = join(home, `.health-${process.pid}-${trials++}`);
  try {
    // A file system can be full of files with room to spare, and one with errors is mounted to be read only.
    fs.writeFileSync(trial, 'x'.repeat(4096), { flush: true });
  } finally {
    fs.rmSync(trial, { force: true });
  }
  const free = bavail * bsize;
  return free >= GIB ? null : `${(free / GIB).toFixed(2)} GiB are free at ${home}, less than 1 GiB`;
}
