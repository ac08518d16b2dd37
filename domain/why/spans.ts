import type { Claim } from '../instance/events.ts';
import { type RunId, runOf } from '../kernel/ids.ts';
import type { Commit, DomainEvent } from '../kernel/stream.ts';

/**
 * The commits of an instance that are part of a run's story: from a claim of the run to its release, or to the
 * instance's end. What it did for others, before, after and meanwhile, is not.
 */
export function ofRun(commits: readonly Commit[], run: RunId): Commit[] {
  const own = new Set<string>();
  return commits.flatMap((commit) => {
    const events = commit.events.filter((event) => {
      const claim = claimIn(event);
      if (claim === undefined) return own.size > 0;
      // What others have of it, or had, is no part of this story.
      if (runOf(claim.job) !== run) return false;
      if (event.type === 'InstanceReleased') return own.delete(claim.job);
      own.add(claim.job);
      return true;
    });
    // Whole: an event is known by its place in its commit.
    return events.length > 0 ? [commit] : [];
  });
}

const claimIn = (event: DomainEvent): Claim | undefined =>
  ['InstanceRequested', 'InstanceClaimed', 'BlocksClaimed', 'InstanceReleased'].includes(event.type)
    ? (event as DomainEvent & { readonly claim: Claim }).claim
    : undefined;
