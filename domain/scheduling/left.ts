import type { FleetMemory } from '../fleet/memory.ts';
import { type Room, taking } from '../fleet/room.ts';
import type { Instant } from '../kernel/instant.ts';
import type { OfferTerms } from '../planning/offer.ts';
import type { Placed } from './best.ts';
import { type Conditions, conditionsOf, countsAgainst } from './conditions.ts';
import type { Verdict } from './placing.ts';

/** What those who had their turn in a pass leave to the next. */
export interface Left {
  readonly room: Room;
  /** Places of those who are to be launched as soon as launches may be made. */
  readonly soon: number;
  /** So many more launches may be under way. */
  readonly launches: number;
  readonly taken: readonly OfferTerms[];
  readonly conditions: Conditions;
}

export type Best = Verdict | Placed;

export function leftAfter(
  left: Left,
  verdict: Best,
  { memories, kept, now }: { memories: readonly FleetMemory[]; kept: ReadonlySet<string>; now: Instant },
): Left {
  switch (verdict.kind) {
    case 'place':
      return { ...left, room: taking(left.room, verdict.takes) };
    case 'launch': {
      const taken = [...left.taken, verdict.offer];
      const conditions = countsAgainst(memories, verdict.offer, now)
        ? conditionsOf(memories, now, taken, kept)
        : left.conditions;
      return {
        ...left,
        room: taking(left.room, verdict.takes),
        launches: left.launches - 1,
        taken,
        conditions,
      };
    }
    case 'wait':
      return verdict.wait.kind === 'throttled'
        ? { ...left, soon: left.soon + 1, launches: left.launches - 1 }
        : left;
    case 'hopeless':
      return left;
  }
}
