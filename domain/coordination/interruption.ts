import { interrupted } from '../instance/decide.ts';
import { claimOf } from '../instance/state.ts';
import { Instance } from '../instance/stream.ts';
import { requestStop } from '../job/decide.ts';
import type { InstanceId, JobId } from '../kernel/ids.ts';
import { change, type Provenance } from '../kernel/stream.ts';
import { transact } from '../kernel/transact.ts';
import { endInstance } from './end-instance.ts';
import { type Coordination, loadJob, moveJob } from './move-job.ts';

/** The cloud takes a spot instance back in two minutes: a running job is stopped in them, one not begun goes elsewhere. */
export async function recordInterruption(
  on: Coordination,
  provenance: Provenance,
  id: InstanceId,
): Promise<void> {
  const drains = await transact<'drains' | 'ends'>(on, provenance, async (read) => {
    const instance = await read(Instance, id);
    const claim = instance.state && claimOf(instance.state);
    const job = claim ? await loadJob(read, claim.job) : undefined;
    const begun = job?.state?.phase.kind === 'running' || job?.state?.phase.kind === 'stopping';
    if (instance.state === undefined || !begun) return { changes: [], result: 'ends' };
    const now = on.runtime.now();
    const events = interrupted(instance.state, now);
    return { changes: events.length > 0 ? [change(instance, events, now)] : [], result: 'drains' };
  });
  if (drains === 'ends')
    await endInstance(on, provenance, id, {
      reason: 'spot_interruption',
      message: 'spot interruption before the start',
    });
}

/** Stops the job on an instance that is being taken back. */
export function interruptJob(on: Coordination, provenance: Provenance, id: JobId): Promise<void> {
  return transact<void>(on, provenance, async (read) => {
    const job = await loadJob(read, id);
    if (job.state?.phase.kind !== 'running') return { changes: [], result: undefined };
    const events = requestStop(job.state, 'graceful', 'interrupted_by_no_capacity');
    return { changes: await moveJob(read, job, events, on.runtime.now()), result: undefined };
  });
}
