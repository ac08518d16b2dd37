import { type FleetOrder, whyPaused } from '../fleet/admission.ts';
import { type FleetMemory, memoryOf } from '../fleet/memory.ts';
import { mayLeave } from '../fleet/nodes.ts';
import { roomIn, taking } from '../fleet/room.ts';
import type { FleetState } from '../fleet/state.ts';
import { barred, termsFor } from '../fleet/terms.ts';
import type { InstanceState } from '../instance/state.ts';
import type { Wait } from '../job/events.ts';
import type { JobState } from '../job/state.ts';
import type { InstanceId, JobId } from '../kernel/ids.ts';
import type { Instant } from '../kernel/instant.ts';
import type { OfferTerms } from '../planning/offer.ts';
import type { Cut } from '../planning/share.ts';
import { best } from './best.ts';
import { conditionsOf, countsAgainst } from './conditions.ts';
import { fullOfKeptNodes } from './kept-nodes.ts';
import { type Missing, makeRoom } from './make-room.ts';
import type { Lack, Placing } from './placing.ts';
import { priorities } from './priorities.ts';
import { stockOf } from './stock.ts';

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
  /** `blocks`: which of the instance's, from 0. */
  | {
      readonly kind: 'assign';
      readonly job: JobId;
      readonly instance: InstanceId;
      readonly blocks: readonly number[];
    }
  | { readonly kind: 'launch'; readonly job: JobId; readonly offer: OfferTerms; readonly cut: Cut }
  /** To what this pass launches for another job. */
  | {
      readonly kind: 'join';
      readonly job: JobId;
      readonly launchFor: JobId;
      readonly blocks: readonly number[];
    }
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
  const stock = stockOf(pool, place);
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
    const verdict = best(place, stock, state, asked, { pool, fleet, conditions, now, ...left });
    switch (verdict.kind) {
      case 'place':
        stock.take(verdict);
        room = taking(room, verdict.takes);
        decisions.push(
          'instance' in verdict.on
            ? { kind: 'assign', job, ...verdict.on, blocks: verdict.blocks }
            : { kind: 'join', job, ...verdict.on, blocks: verdict.blocks },
        );
        break;
      case 'launch':
        room = taking(room, verdict.takes);
        launchesLeft -= 1;
        taken.push(verdict.offer);
        if (countsAgainst(memories, verdict.offer, now))
          conditions = conditionsOf(memories, now, taken, kept.quotas());
        decisions.push({ kind: 'launch', job, offer: verdict.offer, cut: verdict.cut });
        stock.add(job, verdict);
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
        } else {
          kept.waits(verdict);
          stock.keep(asked, state.priority);
        }
        if (verdict.lacks) lacks.push(verdict.lacks);
        decisions.push({ kind: 'wait', job, wait, until });
        break;
      }
      case 'hopeless':
        decisions.push({ kind: 'hopeless', job, why: verdict.why, message: verdict.message });
    }
  }
  // Those that a fleet keeps would only be ordered again.
  return fleet && !mayLeave(fleet) ? decisions : [...decisions, ...makeRoom(lacks, stock.left(), pool)];
}

/** An operator's word outweighs what there would be to place. */
const heldBack = ({ id, state }: Waiting, closed: FleetOrder): Decision => ({
  kind: 'wait',
  job: id,
  wait: { kind: 'paused', message: whyPaused(state.fleet, closed) },
  until: null,
});

const byPriorityThenAge = (a: Waiting, b: Waiting): number =>
  b.state.priority - a.state.priority || a.state.queued_at - b.state.queued_at || (a.id < b.id ? -1 : 1);
