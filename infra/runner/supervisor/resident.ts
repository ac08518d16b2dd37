import * as fs from 'node:fs';
import { Socket } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { wordByFifo } from './first-word.ts';
import { type JobDirectory, jobDirectory } from './job-directory.ts';
import { processSignals } from './process-signals.ts';
import { pruneJobs } from './prune-jobs.ts';
import { goOn, supervise } from './supervise.ts';
import { claimOrphans } from './supervision.ts';

const LOOK_FOR_SUCCESSOR_MS = 30_000;

/**
 * The one supervisor of all jobs of an instance: `node $H/runner/<hash>.cjs resident-supervisor`, kept alive by
 * `$H/runner/<hash>.sh`, whose FIFO is the standard input. A line is a submission and its bundle's URL. One job's failure
 * is never another's: what is thrown for a job ends in its own supervisor.log. A crash of the process ends no commands:
 * the next one goes on with them.
 */
export function resident(runner: string): void {
  const home = dirname(dirname(runner));
  const signals = processSignals();
  const jobs = new Set<string>();
  let ending = false;

  const see = (job: JobDirectory, seen: Promise<unknown>, broken: () => void) => {
    jobs.add(job.submission);
    void seen
      .catch((error: Error) => {
        job.complain(`${error.stack}`);
        // Nobody supervises it from here on, and probe says so.
        fs.rmSync(job.pathOf('supervisor.pid'), { force: true });
        broken();
      })
      .finally(() => {
        jobs.delete(job.submission);
        endIfDone();
      });
  };
  const endIfDone = () => {
    if (jobs.size === 0 && (ending || hasSuccessor(runner))) process.exit(0);
  };

  signals.onShutdown(() => {
    ending = true;
    endIfDone();
  });
  const again = (job: JobDirectory) => wordByFifo(job.pathOf('word')).say('again');
  for (const { job, bundle } of claimOrphans(home, again)) {
    job.writeWhole('supervisor.pid', `${process.pid}\n`);
    const seen = goOn(bundle, job, signals).then((known) => {
      if (!known) fs.rmSync(job.pathOf('supervisor.pid'), { force: true });
    });
    see(job, seen, () => {});
  }

  const door = new Socket({ fd: 0, readable: true, writable: false });
  createInterface({ input: door }).on('line', (line) => {
    const [submission = '', url = ''] = line.split(' ');
    const job = jobDirectory(join(home, 'jobs', submission));
    if (!claimed(job)) return;
    const word = wordByFifo(job.pathOf('word'));
    see(job, supervise(job, url, { word, signals }), () => word.say('broken'));
    pruneJobs(home);
  });
  setInterval(endIfDone, LOOK_FOR_SUCCESSOR_MS);
}

/** Of the resident and start-job, which may have waited too long for it, the one that makes this directory goes on. */
function claimed(job: JobDirectory): boolean {
  try {
    fs.mkdirSync(job.pathOf('claimed'));
    return true;
  } catch {
    return false;
  }
}

/** A newer runner has been written: it gets the new jobs. */
function hasSuccessor(runner: string): boolean {
  const directory = dirname(runner);
  const age = (name: string) => fs.statSync(join(directory, name), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const own = age(basename(runner));
  return fs.readdirSync(directory).some((name) => name.endsWith('.cjs') && age(name) > own);
}
