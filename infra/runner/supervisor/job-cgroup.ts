import * as fs from 'node:fs';
import { join } from 'node:path';
import type { JobDirectory } from './job-directory.ts';

/**
 * A cgroup of the job's own, below the one that the keeper was given by systemd: outside the SSM agent's, which systemd
 * would end with a job that runs out of memory. Null: there is none, and the job stays in the supervisor's.
 * @see https://docs.kernel.org/admin-guide/cgroup-v2.html#delegation
 */
export function makeCgroup(job: JobDirectory): string | null {
  const { SORTIE_CGROUP } = process.env;
  if (!SORTIE_CGROUP) return null;
  const path = join(SORTIE_CGROUP, job.submission);
  try {
    fs.mkdirSync(path);
    job.writeWhole('cgroup', `${path}\n`);
    return path;
  } catch {
    return null;
  }
}

/**
 * How many of the job's processes the kernel has killed for want of memory; null: the kernel does not say. The cgroup goes:
 * it is asked for once the processes are dead.
 */
export function endCgroup(job: JobDirectory): number | null {
  const path = job.readLine('cgroup');
  if (path === null) return null;
  let killed: number | null = null;
  try {
    const counted = /^oom_kill (\d+)$/m.exec(fs.readFileSync(join(path, 'memory.events'), 'utf8'))?.[1];
    killed = counted === undefined ? null : Number(counted);
    fs.rmdirSync(path);
  } catch {
    // Not of version 2, or a process in an uninterruptible wait is still in it.
  }
  return killed;
}
