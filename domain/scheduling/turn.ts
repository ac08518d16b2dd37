import { type FleetMemory, memoryOf } from '../fleet/memory.ts';
import { NOTHING, type Room, roomIn, taking } from '../fleet/room.ts';
import type { FleetState } from '../fleet/state.ts';
import type { Instant } from '../kernel/instant.ts';
import type { OfferTerms } from '../planning/offer.ts';
import { type Conditions, conditionsOf, countsAgainst } from './conditions.ts';
import { type KeptBack, keptAt, keptFor, NOTHING_KEPT, noPlacesKept } from './kept-back.ts';
import type { Snapshot } from './snapshot.ts';
import type { Verdict, Waits } from './verdict.ts';

/** What a job finds at its turn, besides the instances that are there: each leaves less to the next. */
export interface Turn {
  readonly now: Instant;
  readonly fleet: FleetState | undefined;
  /** What all fleets know of the cloud. */
  readonly memories: readonly FleetMemory[];
  /** What the fleet's limits leave. */
  readonly room: Room;
  /** Places of those who are to be launched as soon as launches may be made. */
  readonly soon: number;
  /** How many more launches may be under way, and at most. */
  readonly launches: { readonly left: number; readonly most: number };
  /** What the pass launches. */
  readonly launched: readonly OfferTerms[];
  readonly kept: KeptBack;
  readonly conditions: Conditions;
}

export function firstTurn({ fleet, others, pool, limit, launches, now }: Snapshot): Turn {
  const memories = [...(fleet ? [memoryOf(fleet)] : []), ...others];
  const requested = pool.filter(({ state }) => state.phase.kind === 'requested').length;
  return {
    ...{ now, fleet, memories },
    room: roomIn(fleet, limit),
    soon: 0,
    launches: { left: Math.max(0, launches - requested), most: launches },
    launched: [],
    kept: NOTHING_KEPT,
    conditions: conditionsOf(memories, now),
  };
}

/** The turn of one of this priority. */
export function turnAt(turn: Turn, priority: number): Turn {
  const kept = keptAt(turn.kept, priority);
  if (kept === turn.kept) return turn;
  // All who are answered under the same conditions are answered at once: they stay the same object where they can.
  return kept.now === turn.kept.now ? { ...turn, kept } : underConditions({ ...turn, kept });
}

/** The turn of so many at once: more than may be under way can only go when nothing else is. */
export function turnTogether(turn: Turn, members: number): Turn {
  const { left, most } = turn.launches;
  return left === most ? { ...turn, launches: { left: Math.max(most, members), most } } : turn;
}

/** The turn of whoever has the fleet to itself. */
export const turnAlone = (turn: Turn): Turn => ({
  ...turn,
  room: { ...turn.room, used: NOTHING },
  soon: 0,
  launches: { ...turn.launches, left: turn.launches.most },
  kept: noPlacesKept(turn.kept),
});

/** What such a verdict leaves to the next. */
export function turnAfter(turn: Turn, verdict: Verdict): Turn {
  switch (verdict.kind) {
    case 'place':
      return { ...turn, room: taking(turn.room, verdict.takes) };
    case 'launch': {
      const after = {
        ...turn,
        room: taking(turn.room, verdict.takes),
        launches: oneLess(turn),
        launched: [...turn.launched, verdict.offer],
      };
      return countsAgainst(turn.memories, verdict.offer, turn.now) ? underConditions(after) : after;
    }
    case 'wait':
      return afterWait(turn, verdict);
    case 'hopeless':
      return turn;
  }
}

function afterWait(turn: Turn, verdict: Waits): Turn {
  switch (verdict.wait.kind) {
    case 'throttled':
      return { ...turn, soon: turn.soon + 1, launches: oneLess(turn) };
    case 'fleet_limit':
    case 'quota':
    case 'capacity': {
      const kept = keptFor(turn.kept, verdict);
      return kept === turn.kept ? turn : { ...turn, kept };
    }
    // What they wait for is not to be kept.
    case 'busy_instances':
    case 'gang':
    case 'paused':
    case 'retry':
      return turn;
  }
}

const oneLess = ({ launches }: Turn): Turn['launches'] => ({ ...launches, left: launches.left - 1 });

const underConditions = (turn: Turn): Turn => ({
  ...turn,
  conditions: conditionsOf(turn.memories, turn.now, turn.launched, turn.kept.now.quotas),
});
