import * as fs from 'node:fs';
import { join } from 'node:path';
import { jobDirectory } from './job-directory.ts';
import { isSupervised } from './supervision.ts';

const KEPT_JOBS = 64;

/** The disk keeps the newest jobs, and every one that has not ended or is still supervised. */
export function pruneJobs(home: string): void {
  const jobs = join(home, 'jobs');
  const names = fs.readdirSync(jobs);
  if (names.length <= KEPT_JOBS) return;
  const age = (name: string) => fs.statSync(join(jobs, name), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const byAge = names.map((name) => ({ name, at: age(name) })).sort((a, b) => b.at - a.at);
  for (const { name } of byAge.slice(KEPT_JOBS)) {
    const job = jobDirectory(join(jobs, name));
    if (!fs.existsSync(job.pathOf('exit')) || isSupervised(job)) continue;
    fs.rmSync(job.pathOf('.'), { recursive: true, force: true });
  }
}
