import { Fleet } from '../fleet/stream.ts';
import { moveTo } from '../job/decide.ts';
import { type FleetName, jobId, type RunId } from '../kernel/ids.ts';
import type { Provenance } from '../kernel/stream.ts';
import { transact } from '../kernel/transact.ts';
import { Run } from '../run/stream.ts';
import { type Coordination, loadJob } from './move-job.ts';
import { moveTogether } from './move-together.ts';

/**
 * A run whose jobs all wait goes to another of its fleets, with all of them. A job that was given a place meanwhile, in the
 * fleet where it was, keeps the run there. 48 nodes and their run are 98 items of a transaction's 100.
 */
export function moveToFleet(
  on: Coordination,
  provenance: Provenance,
  id: RunId,
  move: { readonly from: FleetName; readonly to: FleetName; readonly message: string },
): Promise<'moved' | 'stays'> {
  return transact<'moved' | 'stays'>(on, provenance, async (read) => {
    const [run, fleet] = await Promise.all([read(Run, id), read(Fleet, move.to)]);
    if (run.state?.phase.kind !== 'active' || fleet.state?.phase.kind === 'deleted')
      return { changes: [], result: 'stays' };
    const jobs = await Promise.all(run.state.jobs.map(({ index }) => loadJob(read, jobId(id, index))));
    const moves = jobs.map((job) => ({ job, events: job.state ? moveTo(job.state, move) : [] }));
    if (moves.some(({ events }) => events.length === 0)) return { changes: [], result: 'stays' };
    const { to, message } = move;
    const moved = { type: 'RunMoved' as const, fleet: to, message };
    return { changes: moveTogether(run, [moved], moves, on.runtime.now()), result: 'moved' };
  });
}
