import { type FleetOrder, whyPaused } from '../fleet/admission.ts';
import { room } from '../fleet/decide.ts';
import type { FleetState } from '../fleet/state.ts';
import { type InstanceState, isFree } from '../instance/state.ts';
import type { Wait } from '../job/events.ts';
import type { JobState } from '../job/state.ts';
import type { InstanceId, JobId } from '../kernel/ids.ts';
import type { Instant } from '../kernel/instant.ts';
import type { OfferTerms } from '../planning/offer.ts';
import { type Lack, type Placing, placing } from './placing.ts';

export interface Waiting {
  readonly id: JobId;
  readonly state: JobState;
}

export interface Pooled {
  readonly id: InstanceId;
  readonly state: InstanceState;
}

/** What the pass looks at: snapshots, which may be behind. Whoever carries a decision out meets the arbiters. */
export interface Snapshot {
  readonly queue: readonly Waiting[];
  readonly pool: readonly Pooled[];
  readonly fleet: FleetState | undefined;
  readonly limit: number;
  readonly now: Instant;
}

export type Decision =
  | { readonly kind: 'assign'; readonly job: JobId; readonly instance: InstanceId }
  | { readonly kind: 'launch'; readonly job: JobId; readonly offer: OfferTerms }
  | { readonly kind: 'let-go'; readonly instance: InstanceId }
  | { readonly kind: 'wait'; readonly job: JobId; readonly wait: Wait; readonly until: Instant | null }
  | { readonly kind: 'hopeless'; readonly job: JobId; readonly why: Lack; readonly message: string };

/** One pass over a fleet: by priority, then age, each waiting job gets what is best for it, or the reason why not. */
export function schedule({ queue, pool, fleet, limit, now }: Snapshot, place: Placing): Decision[] {
  const idle = new Map(pool.filter(({ state }) => isFree(state)).map((one) => [one.id, one]));
  const waiting = queue.filter(({ state }) => state.phase.kind === 'waiting').sort(byPriorityThenAge);
  const closed = fleet?.closed;
  if (closed) return waiting.map((job) => heldBack(job, closed));
  let places = fleet ? room({ ...fleet, limits: { ...fleet.limits, instances: limit } }) : limit;
  const decisions: Decision[] = [];
  const unserved: Waiting[] = [];

  for (const job of waiting) {
    const fit = place.onIdle(job.state.requirements, [...idle.values()]);
    if (fit !== undefined) {
      idle.delete(fit);
      decisions.push({ kind: 'assign', job: job.id, instance: fit });
      continue;
    }
    const verdict = placing(place, job.state, { pool, places, limit, fleet, now });
    if (verdict.kind === 'launch') places -= 1;
    if (verdict.kind === 'wait') unserved.push(job);
    decisions.push({ ...verdict, job: job.id });
  }
  return [...decisions, ...makeRoom(unserved, idle, places)];
}

/** An operator's word outweighs what there would be to place. */
const heldBack = ({ id, state }: Waiting, closed: FleetOrder): Decision => ({
  kind: 'wait',
  job: id,
  wait: { kind: 'paused', message: whyPaused(state.fleet, closed) },
  until: null,
});

/** A full fleet with an idle instance that nobody who waits can use: it goes, so that the next launch has its place. */
function makeRoom(
  unserved: readonly Waiting[],
  idle: ReadonlyMap<InstanceId, Pooled>,
  places: number,
): Decision[] {
  const [longest] = [...idle.values()].sort((a, b) => idleSince(a) - idleSince(b));
  const wanted = unserved.some(({ state }) => state.creation_policy === 'reuse-or-create');
  return places <= 0 && wanted && longest !== undefined ? [{ kind: 'let-go', instance: longest.id }] : [];
}

const byPriorityThenAge = (a: Waiting, b: Waiting): number =>
  b.state.priority - a.state.priority || a.state.queued_at - b.state.queued_at || (a.id < b.id ? -1 : 1);

const idleSince = ({ state }: Pooled): Instant => (state.phase.kind === 'idle' ? state.phase.since : 0);
