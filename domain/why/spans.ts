import type { Claim } from '../instance/events.ts';
import { type RunId, runOf } from '../kernel/ids.ts';
import type { Commit, DomainEvent } from '../kernel/stream.ts';

/**
 * The commits of an instance that are part of a run's story: from a claim of the run to its release, or to the
 * instance's end. What it did for others, before and after, is not.
 */
export function ofRun(commits: readonly Commit[], run: RunId): Commit[] {
  let claimed: 'by it' | 'not' = 'not';
  return commits.flatMap((commit) => {
    const events = commit.events.filter((event) => {
      const own = claimOf(event);
      if (own && runOf(own.job) === run) claimed = 'by it';
      if (claimed === 'not') return false;
      if (event.type === 'InstanceReleased') claimed = 'not';
      return true;
    });
    return events.length > 0 ? [commit] : [];
  });
}

const claimOf = (event: DomainEvent): Claim | undefined =>
  event.type === 'InstanceRequested' || event.type === 'InstanceClaimed'
    ? (event as DomainEvent & { readonly claim: Claim }).claim
    : undefined;
