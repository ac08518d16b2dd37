import { type FleetOrder, whyPaused } from '../fleet/admission.ts';
import { paidUntil } from '../fleet/budget.ts';
import { toReuse } from '../fleet/decide.ts';
import { mayLeave } from '../fleet/nodes.ts';
import { roomIn, shortOf, taking } from '../fleet/room.ts';
import type { FleetState } from '../fleet/state.ts';
import { barred, termsFor } from '../fleet/terms.ts';
import { type InstanceState, isFree } from '../instance/state.ts';
import type { Wait } from '../job/events.ts';
import type { JobState } from '../job/state.ts';
import type { InstanceId, JobId } from '../kernel/ids.ts';
import type { Instant } from '../kernel/instant.ts';
import type { OfferTerms } from '../planning/offer.ts';
import { fullFleet, type Lack, type Placing, placing, type Verdict } from './placing.ts';

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
  const closed = fleet?.phase.kind === 'active' ? fleet.closed : null;
  if (closed) return waiting.map((job) => heldBack(job, closed));
  let room = roomIn(fleet, limit);
  const decisions: Decision[] = [];
  const unserved: Unserved[] = [];

  for (const job of waiting) {
    const bar = barred(fleet, job.state);
    if (bar !== null) {
      decisions.push({ kind: 'hopeless', job: job.id, why: 'never_fits', message: bar });
      continue;
    }
    const fit = place.onIdle(job.state.requirements, [...idle.values()], termsFor(fleet, job.state));
    const takes = fit && toReuse(fleet, fit, paidUntil(job.state, 'idle', now));
    const short = takes ? shortOf(room, takes) : null;
    if (fit !== undefined && takes !== undefined && short === null) {
      idle.delete(fit);
      room = taking(room, takes);
      decisions.push({ kind: 'assign', job: job.id, instance: fit });
      continue;
    }
    const verdict = short === null ? placing(place, job.state, { pool, room, fleet, now }) : fullFleet(short);
    if (verdict.kind === 'wait') unserved.push({ ...job, verdict });
    if (verdict.kind !== 'launch') decisions.push({ ...verdict, job: job.id });
    else {
      room = taking(room, verdict.takes);
      decisions.push({ kind: 'launch', job: job.id, offer: verdict.offer });
    }
  }
  // Those that a fleet keeps would only be ordered again.
  return fleet && !mayLeave(fleet) ? decisions : [...decisions, ...makeRoom(unserved, idle)];
}

/** An operator's word outweighs what there would be to place. */
const heldBack = ({ id, state }: Waiting, closed: FleetOrder): Decision => ({
  kind: 'wait',
  job: id,
  wait: { kind: 'paused', message: whyPaused(state.fleet, closed) },
  until: null,
});

type Unserved = Waiting & { readonly verdict: Extract<Verdict, { kind: 'wait' }> };

/** A full fleet with an idle instance that nobody who waits can use, or pay: it goes, so that the next launch has its place. */
function makeRoom(unserved: readonly Unserved[], idle: ReadonlyMap<InstanceId, Pooled>): Decision[] {
  const [longest] = [...idle.values()].sort((a, b) => idleSince(a) - idleSince(b));
  const wanted = unserved.some(
    ({ state, verdict }) =>
      state.creation_policy === 'reuse-or-create' && verdict.wait.kind === 'fleet_limit',
  );
  return wanted && longest !== undefined ? [{ kind: 'let-go', instance: longest.id }] : [];
}

const byPriorityThenAge = (a: Waiting, b: Waiting): number =>
  b.state.priority - a.state.priority || a.state.queued_at - b.state.queued_at || (a.id < b.id ? -1 : 1);

const idleSince = ({ state }: Pooled): Instant => (state.phase.kind === 'idle' ? state.phase.since : 0);
