import { jobId } from '../../domain/kernel/ids.ts';
import type { Commit, StreamRef } from '../../domain/kernel/stream.ts';
import type { RunState } from '../../domain/run/state.ts';
import { ofRun } from '../../domain/why/spans.ts';
import { instancesIn } from '../../domain/why/story.ts';
import type { Api } from './context.ts';

// An instance that serves run after run has a long history of which little is this run's.
const COMMITS = 1_000;

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

/** All commits of these streams, however many pages they are. */
async function historyOf(api: Api, streams: readonly StreamRef[]): Promise<Commit[]> {
  const histories = await Promise.all(
    streams.map(async (stream) => {
      const commits: Commit[] = [];
      for (;;) {
        const page = await api.store.history(stream, commits.at(-1)?.version ?? 0, COMMITS);
        commits.push(...page);
        if (page.length < COMMITS) return commits;
      }
    }),
  );
  return histories.flat();
}
