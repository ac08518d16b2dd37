import { historyAfter } from '../../domain/kernel/history.ts';
import { jobId } from '../../domain/kernel/ids.ts';
import type { Commit, StreamRef } from '../../domain/kernel/stream.ts';
import type { RunState } from '../../domain/run/state.ts';
import { ofRun } from '../../domain/why/spans.ts';
import { instancesIn } from '../../domain/why/story.ts';
import type { Api } from './context.ts';

/** A run's commits, its jobs', and of every instance that it was ever promised what that did for it. */
export async function historyOfRun(api: Api, { id, jobs }: Pick<RunState, 'id' | 'jobs'>) {
  const own = await historyOf(api, [
    { name: 'Run', id },
    ...jobs.map(({ index }) => ({ name: 'Job' as const, id: jobId(id, index) })),
  ]);
  const instances = instancesIn(own);
  const theirs = await Promise.all(instances.map((id) => historyOf(api, [{ name: 'Instance', id }])));
  return { commits: [...own, ...theirs.flatMap((history) => ofRun(history, id))], instances };
}

const historyOf = async (api: Api, streams: readonly StreamRef[]): Promise<Commit[]> =>
  (await Promise.all(streams.map((stream) => historyAfter(api.store, stream, 0)))).flat();
