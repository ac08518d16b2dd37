import type { EventStore } from './event-store.ts';
import type { Commit, StreamRef } from './stream.ts';

const PAGE = 1_000;

/** All commits of a stream after a version, however many pages they are. */
export async function historyAfter(
  store: Pick<EventStore, 'history'>,
  stream: StreamRef,
  version: number,
): Promise<Commit[]> {
  const commits: Commit[] = [];
  for (;;) {
    const page = await store.history(stream, commits.at(-1)?.version ?? version, PAGE);
    commits.push(...page);
    if (page.length < PAGE) return commits;
  }
}
