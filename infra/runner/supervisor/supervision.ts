import * as fs from 'node:fs';
import type { Bundle } from '../contract.ts';
import { type JobDirectory, jobDirectory } from './job-directory.ts';

/** In the command line of the one process that supervises all jobs of an instance. */
export const RESIDENT = 'resident-supervisor';

const NO_KEY = { private_key: '', public_key: '' };

/**
 * All that it takes to go on with the job after a crash, for as long as the server has not heard of its exit: where to
 * report, by which token, and when to stop. None of the job's own secrets.
 */
export function recordSupervision(job: JobDirectory, bundle: Bundle): void {
  const { container, ssh, code } = bundle;
  const kept: Bundle = {
    ...bundle,
    env: {},
    container: container && { ...container, env: {}, registry_auth: null, setup_script: null },
    ssh: ssh && { user: NO_KEY, host: NO_KEY },
    health: null,
    code: code && { ...code, link: '' },
  };
  job.writeWhole('supervision', `${JSON.stringify(kept)}\n`);
}

export function endSupervision(job: JobDirectory): void {
  for (const name of ['supervision', 'reported', 'supervisor.pid']) {
    fs.rmSync(job.pathOf(name), { force: true });
  }
}

/** A number may be another's by now, or that of a process that is dead and not reaped. */
export function isSupervised(job: JobDirectory): boolean {
  const pid = job.readLine('supervisor.pid');
  return (
    pid !== null && commandLineHas(pid, (line) => line.includes(job.submission) || line.includes(RESIDENT))
  );
}

export function commandLineHas(pid: string, matches: (line: string) => boolean): boolean {
  try {
    if (!fs.existsSync('/proc/self')) return process.kill(Number(pid), 0);
    return matches(fs.readFileSync(`/proc/${pid}/cmdline`, 'latin1'));
  } catch {
    return false;
  }
}

export type Orphan = { job: JobDirectory; bundle: Bundle };

/**
 * The jobs whose supervisor died after their commands had begun, each given to one caller only: to take the number of the
 * dead supervisor away is to claim it. One that died before is told to start-job, if that still waits, which starts anew.
 */
export function claimOrphans(home: string, tellStartJob: (job: JobDirectory) => void): Orphan[] {
  const jobs = `${home}/jobs`;
  if (!fs.existsSync(jobs)) return [];
  return fs.readdirSync(jobs).flatMap((name) => {
    const job = jobDirectory(`${jobs}/${name}`);
    if (fs.existsSync(job.pathOf('exit')) && !fs.existsSync(job.pathOf('supervision'))) return [];
    const dead = job.readLine('supervisor.pid');
    if (isSupervised(job)) return [];
    const bundle = job.readLine('supervision');
    if (bundle === null || job.readLine('commands.pid') === null) {
      if (fs.existsSync(job.pathOf('claimed'))) tellStartJob(job);
      return [];
    }
    return dead !== null && claim(job, dead) ? [{ job, bundle: JSON.parse(bundle) as Bundle }] : [];
  });
}

function claim(job: JobDirectory, dead: string): boolean {
  const mine = job.pathOf(`.dead-${process.pid}`);
  try {
    fs.renameSync(job.pathOf('supervisor.pid'), mine);
  } catch {
    return false;
  }
  const taken = fs.readFileSync(mine, 'utf8').trim();
  // Another was quicker, and this is its own number.
  if (taken !== dead) fs.renameSync(mine, job.pathOf('supervisor.pid'));
  else fs.rmSync(mine);
  return taken === dead;
}
