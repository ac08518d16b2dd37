import { liveInstances } from '../../domain/coordination/live-instances.ts';
import type { InstanceState } from '../../domain/instance/state.ts';
import { jobId } from '../../domain/kernel/ids.ts';
import { isFinal } from '../../domain/kernel/status.ts';
import type { StreamRef } from '../../domain/kernel/stream.ts';
import { activeRuns, Run } from '../../domain/run/stream.ts';
import type { Api } from './context.ts';

const MOST = 10_000;
const SIDE_BY_SIDE = 50;

/**
 * Makes everything unfinished in a project due now, so that sync visits it as it would in its time: what a lost
 * doorbell was for, nobody can say any more. Returns how many streams that is. A busy instance moves with its job, and
 * an idle one has nothing left to do but to wait: due before its time it would keep sync awake until then.
 */
export async function ringUnfinished(api: Api, project: string): Promise<number> {
  const [runs, instances] = await Promise.all([
    api.store.work(Run, activeRuns(project), MOST),
    liveInstances(api.store, project),
  ]);
  const streams: StreamRef[] = [
    ...runs.flatMap(({ state: run }) => (run?.gang ? [{ name: 'Run' as const, id: run.id }] : [])),
    ...runs.flatMap(({ state: run }) =>
      (run?.jobs ?? []).flatMap(({ index, status }) =>
        run && !isFinal(status) ? [{ name: 'Job' as const, id: jobId(run.id, index) }] : [],
      ),
    ),
    ...instances.flatMap(({ id, state }) => (inTransit(state) ? [{ name: 'Instance' as const, id }] : [])),
  ];
  const now = api.runtime.now();
  for (let start = 0; start < streams.length; start += SIDE_BY_SIDE)
    await Promise.all(
      streams.slice(start, start + SIDE_BY_SIDE).map((stream) => api.store.remind(stream, now)),
    );
  return streams.length;
}

const inTransit = ({ phase }: InstanceState): boolean =>
  phase.kind === 'requested' || phase.kind === 'booting' || phase.kind === 'terminating';
