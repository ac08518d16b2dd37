import { amountsOf, toldOf } from '../../domain/metrics/counters.ts';
import type { Observed } from '../../domain/metrics/observation.ts';
import type { Tally } from '../../domain/metrics/tally.ts';
import type { Tell } from '../../domain/metrics/told.ts';

/** A commit that has something for the metrics. `key` is its own for ever. */
export interface ObservedCommit extends Observed {
  readonly key: string;
}

/**
 * Adds what a batch has to say to each project's tally, once: the same batch again within ten minutes, as Lambda repeats
 * one that failed after this, changes nothing. What CloudWatch is told it is told after that, and may hear twice.
 */
export async function count(
  on: { readonly tally: Pick<Tally, 'add'>; readonly tell: Tell },
  commits: readonly ObservedCommit[],
): Promise<void> {
  for (const [project, own] of Map.groupBy(commits, (commit) => commit.project))
    await on.tally.add(
      { kind: 'project', project },
      amountsOf(own.flatMap(({ observations }) => observations)),
      own.map(({ key }) => key).join(' '),
    );
  on.tell(commits.flatMap(({ observations }) => observations.map(toldOf)));
}
