import { isOfGang } from '../../domain/job/state.ts';
import { Job } from '../../domain/job/stream.ts';
import { jobId, type RunId } from '../../domain/kernel/ids.ts';
import type { RunState } from '../../domain/run/state.ts';
import { Run } from '../../domain/run/stream.ts';
import type { Waiting } from '../../domain/scheduling/snapshot.ts';
import type { Reactive } from './ports.ts';

/** A queue with all that wait of its runs of several nodes: some may be further back, or not in the index yet. */
export async function withGangs(
  { store }: Reactive,
  queue: readonly Waiting[],
): Promise<{ queue: Waiting[]; runs: ReadonlyMap<RunId, RunState> }> {
  const ids = [...new Set(queue.filter(({ state }) => isOfGang(state)).map(({ state }) => state.run))];
  const runs = (await Promise.all(ids.map((id) => store.load(Run, id)))).flatMap(({ state }) => state ?? []);
  const known = new Set(queue.map(({ id }) => id));
  const absent = runs.flatMap((run) =>
    run.jobs
      .filter(({ status }) => status === 'submitted')
      .map(({ index }) => jobId(run.id, index))
      .filter((id) => !known.has(id)),
  );
  const loaded = await Promise.all(absent.map((id) => store.load(Job, id)));
  const others = absent.flatMap((id, n) => (loaded[n]?.state ? [{ id, state: loaded[n].state }] : []));
  return { queue: [...queue, ...others], runs: new Map(runs.map((run) => [run.id, run])) };
}
