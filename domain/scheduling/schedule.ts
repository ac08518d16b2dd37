import { type FleetOrder, whyPaused } from '../fleet/admission.ts';
import { paidUntil } from '../fleet/budget.ts';
import { toReuse } from '../fleet/decide.ts';
import { type FleetMemory, memoryOf } from '../fleet/memory.ts';
import { mayLeave } from '../fleet/nodes.ts';
import { type Amounts, roomIn, shortOf, taking } from '../fleet/room.ts';
import type { FleetState } from '../fleet/state.ts';
import { barred, termsFor } from '../fleet/terms.ts';
import { type InstanceState, isFree } from '../instance/state.ts';
import type { Wait } from '../job/events.ts';
import type { JobState } from '../job/state.ts';
import type { InstanceId, JobId } from '../kernel/ids.ts';
import type { Instant } from '../kernel/instant.ts';
import type { OfferTerms } from '../planning/offer.ts';
import { conditionsOf, countsAgainst } from './conditions.ts';
import { type IdleStock, idleStock } from './idle-stock.ts';
import { fullOfKeptNodes } from './kept-nodes.ts';
import { type Missing, makeRoom } from './make-room.ts';
import {
  type Asked,
  fullFleet,
  type Lack,
  type Placing,
  placing,
  type Turn,
  type Verdict,
} from './placing.ts';
import { priorities } from './priorities.ts';

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
  /** What the other fleets of the account remember and use. */
  readonly others: readonly FleetMemory[];
  readonly limit: number;
  /** How many launches may be under way at once. */
  readonly launches: number;
  readonly now: Instant;
}

export type Decision =
  | { readonly kind: 'assign'; readonly job: JobId; readonly instance: InstanceId }
  | { readonly kind: 'launch'; readonly job: JobId; readonly offer: OfferTerms }
  | { readonly kind: 'let-go'; readonly instance: InstanceId }
  | { readonly kind: 'wait'; readonly job: JobId; readonly wait: Wait; readonly until: Instant | null }
  | { readonly kind: 'hopeless'; readonly job: JobId; readonly why: Lack; readonly message: string };

/** One pass over a fleet: by priority, then age, each waiting job gets what is best for it, or the reason why not. */
export function schedule(
  { queue, pool, fleet, others, limit, launches, now }: Snapshot,
  place: Placing,
): Decision[] {
  const isIn = (phase: InstanceState['phase']['kind']) =>
    pool.filter(({ state }) => state.phase.kind === phase);
  const idle = idleStock(
    pool.filter(({ state }) => isFree(state)),
    place,
  );
  const waiting = queue.filter(({ state }) => state.phase.kind === 'waiting').sort(byPriorityThenAge);
  const closed = fleet?.phase.kind === 'active' ? fleet.closed : null;
  if (closed) return waiting.map((job) => heldBack(job, closed));
  const memories = [...(fleet ? [memoryOf(fleet)] : []), ...others];
  const kept = priorities();
  const whyNever = fullOfKeptNodes(place, fleet, pool);
  const taken: OfferTerms[] = [];
  let conditions = conditionsOf(memories, now);
  let room = roomIn(fleet, limit);
  // Places of those who are to be launched as soon as launches may be made.
  let soon = 0;
  let launchesLeft = Math.max(0, launches - isIn('requested').length);
  const decisions: Decision[] = [];
  const lacks: Missing[] = [];

  for (const { id: job, state } of waiting) {
    const bar = barred(fleet, state);
    if (bar !== null) {
      decisions.push({ kind: 'hopeless', job, why: 'never_fits', message: bar });
      continue;
    }
    if (kept.turnTo(state.priority)) conditions = conditionsOf(memories, now, taken, kept.quotas());
    const asked = { requirements: state.requirements, terms: termsFor(fleet, state) };
    const left = { room, soon, kept: kept.places(), launches: { left: launchesLeft, most: launches } };
    const verdict = best(place, idle, state, asked, { pool, fleet, conditions, now, ...left });
    switch (verdict.kind) {
      case 'assign':
        idle.take(verdict.instance);
        room = taking(room, verdict.takes);
        decisions.push({ kind: 'assign', job, instance: verdict.instance });
        break;
      case 'launch':
        room = taking(room, verdict.takes);
        launchesLeft -= 1;
        taken.push(verdict.offer);
        if (countsAgainst(memories, verdict.offer, now))
          conditions = conditionsOf(memories, now, taken, kept.quotas());
        decisions.push({ kind: 'launch', job, offer: verdict.offer });
        break;
      case 'wait': {
        const { wait, until } = verdict;
        // What was launched before it in this pass leaves again.
        const never = verdict.lacks?.of === 'places' && taken.length === 0 ? whyNever(asked) : null;
        if (never !== null) {
          decisions.push({ kind: 'hopeless', job, why: 'no_capacity', message: never });
          break;
        }
        if (wait.kind === 'throttled') {
          soon += 1;
          launchesLeft -= 1;
        } else kept.waits(verdict);
        if (verdict.lacks) lacks.push(verdict.lacks);
        decisions.push({ kind: 'wait', job, wait, until });
        break;
      }
      case 'hopeless':
        decisions.push({ kind: 'hopeless', job, why: verdict.why, message: verdict.message });
    }
  }
  // Those that a fleet keeps would only be ordered again.
  return fleet && !mayLeave(fleet) ? decisions : [...decisions, ...makeRoom(lacks, idle.left(), pool)];
}

/** An operator's word outweighs what there would be to place. */
const heldBack = ({ id, state }: Waiting, closed: FleetOrder): Decision => ({
  kind: 'wait',
  job: id,
  wait: { kind: 'paused', message: whyPaused(state.fleet, closed) },
  until: null,
});

/** An idle instance before a launch, unless it is dear beside what could be launched now, on the same market. */
function best(
  place: Placing,
  idle: IdleStock,
  job: JobState,
  asked: Asked,
  turn: Turn,
): Verdict | { readonly kind: 'assign'; readonly instance: InstanceId; readonly takes: Amounts } {
  const fit = idle.cheapest(asked);
  if (!fit) return placing(place, job, asked, turn);
  const takes = toReuse(turn.fleet, fit.id, paidUntil(job, 'idle', turn.now));
  const assign = { kind: 'assign' as const, instance: fit.id, takes };
  const short = shortOf(turn.room, takes);
  // A launch would cost more.
  if (short !== null) return fullFleet(short);
  if (job.creation_policy === 'reuse') return assign;
  const verdict = placing(place, job, asked, turn);
  const { spot, price } = fit.state.offer;
  const dear =
    verdict.kind === 'launch' && verdict.offer.spot === spot && place.tooDear(price, verdict.offer);
  return dear ? verdict : assign;
}

const byPriorityThenAge = (a: Waiting, b: Waiting): number =>
  b.state.priority - a.state.priority || a.state.queued_at - b.state.queued_at || (a.id < b.id ? -1 : 1);
