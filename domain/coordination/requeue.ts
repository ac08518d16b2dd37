import { backOffOver } from '../job/retry.ts';
import type { JobId } from '../kernel/ids.ts';
import type { Provenance } from '../kernel/stream.ts';
import { transact } from '../kernel/transact.ts';
import { type Coordination, loadJob, moveJob } from './move-job.ts';

/** A job whose wait before a retry is over goes back to the queue. */
export function requeue(on: Coordination, provenance: Provenance, id: JobId): Promise<void> {
  return transact<void>(on, provenance, async (read) => {
    const job = await loadJob(read, id);
    const now = on.runtime.now();
    const events = job.state ? backOffOver(job.state, now) : [];
    return { changes: await moveJob(read, job, events, now), result: undefined };
  });
}
