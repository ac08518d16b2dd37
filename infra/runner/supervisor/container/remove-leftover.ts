import * as fs from 'node:fs';
import { fail, ok, type Result } from '../../../../domain/kernel/result.ts';
import { type JobDirectory, jobDirectory } from '../job-directory.ts';
import { isSupervised } from '../supervision.ts';
import type { Engine } from './engine.ts';

/**
 * A container of that name is a leftover of a job that ended without its runner, unless it was made to be kept, or its
 * job still runs: jobs that share an instance may have chosen one name.
 */
export async function removeLeftover(
  engine: Engine,
  name: string,
  job: JobDirectory,
): Promise<Result<null, string>> {
  const origin = await engine.originOf(name);
  if (origin?.lifetime === 'persistent')
    return fail(`container ${name} is a persistent one: choose another \`name\`, or remove it first`);
  if (
    origin !== null &&
    origin.submission !== job.submission &&
    runs(jobDirectory(job.pathOf(`../${origin.submission}`)))
  )
    return fail(
      `container ${name} is that of ${origin.submission}, which still runs: choose another \`name\``,
    );
  const removed = await engine.remove(name);
  return removed.ok ? ok(null) : fail(`container ${name}, left over, could not be removed: ${removed.error}`);
}

/** As probe sees it. */
function runs(other: JobDirectory): boolean {
  return !fs.existsSync(other.pathOf('exit')) && isSupervised(other);
}
