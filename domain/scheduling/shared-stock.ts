import { freeBlocks } from '../instance/claims.ts';
import { isReady } from '../instance/state.ts';
import type { OfferTerms } from '../planning/offer.ts';
import type { Asked, Planner } from './planner.ts';
import type { Pooled } from './snapshot.ts';
import type { Place } from './stock.ts';

/** An instance that is cut into blocks, or that this pass launches to be. */
export interface Shared {
  readonly on: Place['on'];
  readonly offer: OfferTerms;
  readonly total: number;
  readonly ready: boolean;
}

/** The instances of one pass that several jobs share: each of their blocks is promised once. */
export interface SharedStock {
  /** One that is ready before one on its way, then the fewest free blocks, then the cheapest. */
  bestFit(asked: Asked, priority: number): Place | undefined;
  take(place: Place): void;
  /** One that is being launched: who comes after may join the job that it is launched for. */
  add(one: Shared, taken: readonly number[]): void;
  /** What frees up is kept for a job that waits for more than is free: those of lower priority do not take it bit by bit. */
  keep(asked: Asked, priority: number): void;
  /** Instances of which nobody has or took anything. */
  left(): Pooled[];
}

interface Entry {
  readonly one: Shared;
  readonly pooled: Pooled | undefined;
  free: readonly number[];
  keptFor: number;
}

export function sharedStock(pool: readonly Pooled[], planner: Planner): SharedStock {
  let entries = pool.flatMap((pooled): Entry[] => {
    const { id, state } = pooled;
    const free = freeBlocks(state);
    if (state.blocks === 1 || free.length === 0) return [];
    const one = { on: { instance: id }, offer: state.offer, total: state.blocks, ready: isReady(state) };
    return [{ one, pooled, free, keptFor: Number.NEGATIVE_INFINITY }];
  });
  // Worked out once for all who ask for the same.
  const requests = new Map<object, Map<Shared, number>>();
  function needsOf(asked: Asked): (entry: Entry) => number {
    const key = planner.sameFor(asked);
    const known = requests.get(key) ?? new Map<Shared, number>();
    requests.set(key, known);
    return ({ one }) => {
      const blocks = known.get(one) ?? planner.blocks(asked, one) ?? Number.POSITIVE_INFINITY;
      known.set(one, blocks);
      return blocks;
    };
  }
  // Nothing frees up within a pass, and those who ask later are of no higher priority.
  const inVain = new Set<object>();
  return {
    bestFit(asked, priority) {
      if (inVain.has(planner.sameFor(asked))) return undefined;
      const needs = needsOf(asked);
      let best: Entry | undefined;
      for (const entry of entries)
        if (
          entry.keptFor <= priority &&
          entry.free.length >= needs(entry) &&
          (best === undefined || isBetter(entry, best))
        )
          best = entry;
      if (best === undefined) {
        inVain.add(planner.sameFor(asked));
        return undefined;
      }
      const { one, free } = best;
      const { on, offer, ready, total } = one;
      return { on, offer, ready, blocks: free.slice(0, needs(best)), inUse: free.length < total };
    },
    take({ on, blocks }) {
      for (const entry of entries)
        if (nameOf(entry.one.on) === nameOf(on))
          entry.free = entry.free.filter((block) => !blocks.includes(block));
      entries = entries.filter(({ free }) => free.length > 0);
    },
    add(one, taken) {
      const free = Array.from({ length: one.total }, (_, block) => block).filter(
        (block) => !taken.includes(block),
      );
      if (free.length === 0) return;
      inVain.clear();
      entries.push({ one, pooled: undefined, free, keptFor: Number.NEGATIVE_INFINITY });
    },
    keep(asked, priority) {
      const needs = needsOf(asked);
      let most: Entry | undefined;
      for (const entry of entries)
        if (
          entry.keptFor < priority &&
          entry.free.length > (most?.free.length ?? 0) &&
          needs(entry) <= entry.one.total
        )
          most = entry;
      if (most) most.keptFor = priority;
    },
    left: () =>
      entries.flatMap(({ one, pooled, free }) => (pooled && free.length === one.total ? [pooled] : [])),
  };
}

function isBetter(a: Entry, b: Entry): boolean {
  if (a.one.ready !== b.one.ready) return a.one.ready;
  return (a.free.length - b.free.length || a.one.offer.price - b.one.offer.price) < 0;
}

const nameOf = (on: Place['on']): string => ('instance' in on ? on.instance : on.launchFor);
