import type { InstanceId } from '../kernel/ids.ts';
import type { Instant } from '../kernel/instant.ts';
import type { Commit, DomainEvent } from '../kernel/stream.ts';
import { keyOf } from '../streams.ts';
import { inWords } from './words.ts';

/** One event of the chain from submission to now. */
export interface Line {
  /** `<stream>-<id>/<version>/<n>`, as on the bus. */
  readonly event: string;
  readonly at: Instant;
  readonly by: string;
  readonly what: string;
  /** How long a wait lasted (until now, if it goes on), or a step took, in ms; null: it took no time of its own. */
  readonly lasted: number | null;
}

export interface Told {
  readonly commit: Commit;
  readonly event: DomainEvent;
  readonly n: number;
}

/** All that happened, oldest first. That the run heard of its jobs' moves is the same news again. */
export function story(commits: readonly Commit[], now: Instant): Line[] {
  const told = inOrder(commits).filter(({ event }) => event.type !== 'JobAdvanced');
  const nodes = new Set(told.flatMap(({ commit: { stream } }) => (stream.name === 'Job' ? stream.id : [])))
    .size;
  return told.map((one, index) => ({
    event: `${keyOf(one.commit.stream)}/${one.commit.version}/${one.n}`,
    at: one.commit.at,
    by: one.commit.by,
    what: `${nodeOf(one, nodes)}${inWords(one.event)}`,
    lasted: lastedOf(one, told.slice(0, index), told.slice(index + 1), now),
  }));
}

/** Whose job it is, where there are several. */
const nodeOf = ({ commit: { stream } }: Told, nodes: number): string =>
  nodes > 1 && stream.name === 'Job' ? `node ${stream.id.slice(27)}: ` : '';

/** The instances that a job was ever promised, those that were refused among them. */
export const instancesIn = (commits: readonly Commit[]): InstanceId[] => [
  ...new Set(
    commits.flatMap(({ events }) =>
      events.flatMap((event) =>
        event.type === 'SubmissionAssigned'
          ? [(event as DomainEvent & { readonly instance: InstanceId }).instance]
          : [],
      ),
    ),
  ),
];

// One append gives its commits one time: what an instance comes to, what that means for the job, what becomes of the
// instance then, and the end of the run last.
const rank = { Run: 0, Fleet: 1, Instance: 2, Job: 3 } as const;
const follows: Readonly<Record<string, number>> = {
  InstanceReleased: 4,
  TerminationRequested: 4,
  InstanceTerminated: 4,
  RunFinished: 5,
};
const rankOf = ({ commit, event }: Told): number => follows[event.type] ?? rank[commit.stream.name];
const byTime = (a: Told, b: Told): number =>
  a.commit.at - b.commit.at || rankOf(a) - rankOf(b) || a.commit.version - b.commit.version || a.n - b.n;

/** Their events, in the order in which they make a story. */
export const inOrder = (commits: readonly Commit[]): Told[] =>
  commits.flatMap((commit) => commit.events.map((event, n): Told => ({ commit, event, n }))).sort(byTime);

const waits = new Set([
  'JobQueued',
  'JobRequeued',
  'RetryScheduled',
  'PlacementDeferred',
  'OfferRefused',
  'LaunchThrottled',
]);
/** What a step is counted from. */
const steps: Readonly<Record<string, string>> = {
  InstanceLaunched: 'InstanceRequested',
  InstanceReady: 'InstanceLaunched',
  SubmissionStarted: 'StartSent',
  SubmissionEnded: 'SubmissionStarted',
};

function lastedOf(
  { commit, event }: Told,
  before: readonly Told[],
  after: readonly Told[],
  now: Instant,
): number | null {
  const own = ({ commit: other }: Told) => keyOf(other.stream) === keyOf(commit.stream);
  if (waits.has(event.type)) return (after.find(own)?.commit.at ?? now) - commit.at || null;
  const first = steps[event.type];
  const begun = before.findLast(
    (one) => own(one) && (one.event.type === first || one.event.type === 'SubmissionAssigned'),
  );
  return first !== undefined && begun?.event.type === first ? commit.at - begun.commit.at : null;
}
