import { interrupted, release } from '../instance/decide.ts';
import { claimsOf } from '../instance/state.ts';
import { Instance } from '../instance/stream.ts';
import { lostInstance, requestStop } from '../job/decide.ts';
import type { InstanceId, JobId } from '../kernel/ids.ts';
import { change, type Provenance } from '../kernel/stream.ts';
import { transact } from '../kernel/transact.ts';
import { endInstance } from './end-instance.ts';
import { type Coordination, type LoadedJob, loadJob, moveJob, moveJobs } from './move-job.ts';

/** The cloud takes a spot instance back in two minutes: running jobs are stopped in them, those not begun go elsewhere. */
export async function recordInterruption(
  on: Coordination,
  provenance: Provenance,
  id: InstanceId,
): Promise<void> {
  const drains = await transact<'drains' | 'ends'>(on, provenance, async (read) => {
    const instance = await read(Instance, id);
    const claims = instance.state ? claimsOf(instance.state) : [];
    const jobs = await Promise.all(claims.map(({ job }) => loadJob(read, job)));
    const unbegun = claims.flatMap((claim, n) => {
      const job = jobs[n];
      return job && !hasBegun(job) ? [{ claim, job }] : [];
    });
    if (instance.state === undefined || unbegun.length === claims.length)
      return { changes: [], result: 'ends' };
    const now = on.runtime.now();
    const noticed = interrupted(instance.state, now);
    if (noticed.length === 0) return { changes: [], result: 'drains' };
    const left = unbegun.flatMap(({ claim }) => (instance.state ? release(instance.state, claim) : []));
    const lost = unbegun.map(({ job }) => ({
      job,
      events: job.state ? lostInstance(job.state, 'interrupted_by_no_capacity', BEFORE_START, now) : [],
    }));
    return {
      changes: [change(instance, [...noticed, ...left], now), ...(await moveJobs(read, lost, now))],
      result: 'drains',
    };
  });
  if (drains === 'ends')
    await endInstance(on, provenance, id, { reason: 'spot_interruption', message: BEFORE_START });
}

const BEFORE_START = 'spot interruption before the start';

const hasBegun = ({ state }: LoadedJob): boolean =>
  state?.phase.kind === 'running' || state?.phase.kind === 'stopping';

/** Stops a job on an instance that is being taken back. */
export function interruptJob(on: Coordination, provenance: Provenance, id: JobId): Promise<void> {
  return transact<void>(on, provenance, async (read) => {
    const job = await loadJob(read, id);
    if (job.state?.phase.kind !== 'running') return { changes: [], result: undefined };
    const events = requestStop(job.state, 'graceful', 'interrupted_by_no_capacity');
    return { changes: await moveJob(read, job, events, on.runtime.now()), result: undefined };
  });
}
