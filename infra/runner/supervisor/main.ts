import * as fs from 'node:fs';
import { dirname } from 'node:path';
import { wordByDescriptor } from './first-word.ts';
import { jobDirectory } from './job-directory.ts';
import { processSignals } from './process-signals.ts';
import { pruneJobs } from './prune-jobs.ts';
import { resident } from './resident.ts';
import { supervise } from './supervise.ts';
import { RESIDENT } from './supervision.ts';

const [, runner = '', of = ''] = process.argv;
process.umask(0o022);
if (of === RESIDENT) resident(runner);
else void alone(of).then(() => process.exit(0));

/**
 * The supervisor of one submission, where the resident one was not reached: `node runner.cjs $H/jobs/<submission>`,
 * detached, the bundle's URL on stdin (a command line is everybody's to read), the first word on descriptor 3.
 */
async function alone(path: string): Promise<void> {
  const url = fs.readFileSync(0, 'utf8').trim();
  pruneJobs(dirname(dirname(path)));
  await supervise(jobDirectory(path), url, { word: wordByDescriptor(), signals: processSignals() });
}
