import { type FleetOrder, whyPaused } from '../fleet/admission.ts';
import { type FleetMemory, memoryOf } from '../fleet/memory.ts';
import { mayLeave } from '../fleet/nodes.ts';
import { roomIn } from '../fleet/room.ts';
import type { FleetState } from '../fleet/state.ts';
import { barred, termsFor } from '../fleet/terms.ts';
import type { InstanceState } from '../instance/state.ts';
import type { Wait } from '../job/events.ts';
import { isOfGang, type JobState } from '../job/state.ts';
import type { InstanceId, JobId, RunId } from '../kernel/ids.ts';
import type { Instant } from '../kernel/instant.ts';
import type { OfferTerms } from '../planning/offer.ts';
import type { Cut } from '../planning/share.ts';
import type { RunState } from '../run/state.ts';
import { best } from './best.ts';
import { conditionsOf } from './conditions.ts';
import { placeGang } from './gang.ts';
import { isKept, membersOf } from './gang-members.ts';
import { fullOfKeptNodes } from './kept-nodes.ts';
import { type Best, type Left, leftAfter } from './left.ts';
import { type Missing, makeRoom } from './make-room.ts';
import type { Asked, Lack, Placing, Waits } from './placing.ts';
import { priorities } from './priorities.ts';
import { type Stock, stockOf, wholeStock } from './stock.ts';
import { tooSmallFor } from './too-small.ts';

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
  /** Those of several nodes that somebody in the queue belongs to. */
  readonly runs: ReadonlyMap<RunId, RunState>;
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
  /** Some nodes of a run have their places, and for the others there is none beside them. */
  | { readonly kind: 'give-back'; readonly run: RunId; readonly message: string }
  | { readonly kind: 'wait'; readonly job: JobId; readonly wait: Wait; readonly until: Instant | null }
  | { readonly kind: 'hopeless'; readonly job: JobId; readonly why: Lack; readonly message: string };

/** One pass over a fleet: by priority, then age, each waiting job gets what is best for it, or the reason why not. */
export function schedule(
  { queue, runs, pool, fleet, others, limit, launches, now }: Snapshot,
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
  const standing = () => ({ memories, kept: kept.quotas(), now });
  let left: Left = {
    room: roomIn(fleet, limit),
    ...{ soon: 0, launches: Math.max(0, launches - isIn('requested').length) },
    ...{ taken: [], conditions: conditionsOf(memories, now) },
  };
  const decisions: Decision[] = [];
  const lacks: Missing[] = [];
  const spared = new Set<InstanceId>();
  const served = new Set<RunId>();
  // Of those who may keep what becomes free, the first that waits does.
  let keeper: string | null = null;

  const terms = (state: JobState): Asked => ({
    requirements: state.requirements,
    terms: termsFor(fleet, state),
  });
  const bestFor = (
    from: Stock,
    { state }: Waiting,
    asked: Asked,
    there: readonly Pooled[],
    now_: Left,
  ): Best => {
    const { room, soon, conditions } = now_;
    const turn = { room, soon, kept: kept.places(), launches: { left: now_.launches, most: launches } };
    return best(place, from, state, asked, { pool: there, fleet, conditions, now, ...turn });
  };
  const told = (job: JobId, { wait, until }: Waits) => decisions.push({ kind: 'wait', job, wait, until });

  for (const one of waiting) {
    const { id: job, state } = one;
    if (served.has(state.run)) continue;
    const bar = barred(fleet, state);
    if (bar !== null) {
      decisions.push({ kind: 'hopeless', job, why: 'never_fits', message: bar });
      continue;
    }
    if (kept.turnTo(state.priority))
      left = { ...left, conditions: conditionsOf(memories, now, left.taken, kept.quotas()) };
    if (isOfGang(state)) {
      served.add(state.run);
      serveTogether(state.run);
      continue;
    }
    if (keeper !== null) {
      told(job, keptFor(keeper));
      continue;
    }
    const asked = terms(state);
    const verdict = bestFor(stock, one, asked, pool, left);
    // What was launched before it in this pass leaves again.
    const full = verdict.kind === 'wait' && verdict.lacks?.of === 'places' && left.taken.length === 0;
    const never = full ? whyNever(asked) : null;
    if (never !== null) {
      decisions.push({ kind: 'hopeless', job, why: 'no_capacity', message: never });
      continue;
    }
    if (verdict.kind === 'wait' && verdict.wait.kind !== 'throttled') stock.keep(asked, state.priority);
    left = leftAfter(left, verdict, standing());
    settle(one, verdict);
  }
  // Those that a fleet keeps would only be ordered again.
  if (fleet && !mayLeave(fleet)) return decisions;
  const unused = stock.left().filter(({ id }) => !spared.has(id));
  return [...decisions, ...makeRoom(lacks, unused, pool)];

  function settle({ id: job }: Waiting, verdict: Best): void {
    switch (verdict.kind) {
      case 'place':
        stock.take(verdict);
        decisions.push(
          'instance' in verdict.on
            ? { kind: 'assign', job, ...verdict.on, blocks: verdict.blocks }
            : { kind: 'join', job, ...verdict.on, blocks: verdict.blocks },
        );
        break;
      case 'launch':
        decisions.push({ kind: 'launch', job, offer: verdict.offer, cut: verdict.cut });
        stock.add(job, verdict);
        break;
      case 'wait':
        if (verdict.wait.kind !== 'throttled') kept.waits(verdict);
        if (verdict.lacks) lacks.push(verdict.lacks);
        told(job, verdict);
        break;
      case 'hopeless':
        decisions.push({ kind: 'hopeless', job, why: verdict.why, message: verdict.message });
    }
  }

  function serveTogether(run: RunId): void {
    const members = membersOf(runs.get(run), waiting);
    const own = waiting.filter(({ state }) => state.run === run);
    if (members.kind === 'incomplete' || keeper !== null) {
      const why = keeper === null ? notAll : keptFor(keeper);
      for (const { id } of own) told(id, why);
      return;
    }
    const { zone, nodes } = members;
    const after = (before: Left, one: Best) => leftAfter(before, one, standing());
    const turn = {
      members: own.map((member) => ({ member, asked: terms(member.state) })),
      ...{ nodes, zone, pool, left, most: launches },
    };
    const idleIn = (there: string) => stock.left().filter(({ state }) => state.offer.zone === there);
    const serving = { stock: (there: string) => wholeStock(idleIn(there), place), best: bestFor, after };
    const verdict = placeGang(place, turn, serving);
    const inVain =
      verdict.kind === 'hopeless' || (verdict.kind === 'wait' && verdict.verdict.wait.kind === 'capacity');
    if (zone !== null && inVain) {
      const message = verdict.kind === 'hopeless' ? verdict.message : verdict.verdict.wait.message;
      decisions.push({ kind: 'give-back', run, message });
      return;
    }
    switch (verdict.kind) {
      case 'all':
        left = verdict.left;
        for (const placed of verdict.placed) settle(placed.member, placed.verdict);
        return;
      case 'hopeless':
        for (const member of own) settle(member, verdict);
        return;
      case 'wait': {
        const { wait } = verdict.verdict;
        const never = wait.kind === 'fleet_limit' ? tooSmallFor(place, turn, { fleet, now, after }) : null;
        if (never !== null && zone === null) {
          for (const member of own) settle(member, { kind: 'hopeless', why: 'never_fits', message: never });
          return;
        }
        const since = Math.min(
          ...own.map(({ state }) => (state.phase.kind === 'waiting' ? state.phase.since : now)),
        );
        const forPlaces = wait.kind === 'fleet_limit' || wait.kind === 'busy_instances';
        if (forPlaces && isKept(now - since)) keeper = own[0]?.state.run_name ?? run;
        if (wait.kind === 'throttled')
          for (const _ of own) left = leftAfter(left, verdict.verdict, standing());
        else kept.waits({ ...verdict.verdict, lacks: verdict.lacks[0] ?? null });
        lacks.push(...verdict.lacks);
        for (const id of verdict.spared) spared.add(id);
        for (const { id } of own) told(id, verdict.verdict);
      }
    }
  }
}

const gangWait = (message: string): Waits => ({
  kind: 'wait',
  wait: { kind: 'gang', message },
  until: null,
  lacks: null,
});

const notAll = gangWait('the other nodes of its run are not ready to be placed with it');

const keptFor = (run: string): Waits =>
  gangWait(`what becomes free is kept for run ${run}, which has waited long for all its nodes at once`);

/** An operator's word outweighs what there would be to place. */
const heldBack = ({ id, state }: Waiting, closed: FleetOrder): Decision => ({
  kind: 'wait',
  job: id,
  wait: { kind: 'paused', message: whyPaused(state.fleet, closed) },
  until: null,
});

const byPriorityThenAge = (a: Waiting, b: Waiting): number =>
  b.state.priority - a.state.priority || a.state.queued_at - b.state.queued_at || (a.id < b.id ? -1 : 1);
