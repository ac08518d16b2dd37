import type { InstanceId } from '../kernel/ids.ts';
import type { Asked, Planner } from './planner.ts';
import type { Pooled } from './snapshot.ts';

/** The idle instances of one pass, each to be promised once. */
export interface IdleStock {
  /** The cheapest that fits. */
  cheapest(asked: Asked): Pooled | undefined;
  take(id: InstanceId): void;
  /** Those that nobody took. */
  left(): Pooled[];
}

export function idleStock(pool: readonly Pooled[], planner: Planner): IdleStock {
  const free = new Map(pool.map((one) => [one.id, one]));
  const cheapestFirst = pool.toSorted(
    (a, b) => a.state.offer.price - b.state.offer.price || (a.id < b.id ? -1 : 1),
  );
  // What fits a request, cheapest first, and how many of them are known to be taken.
  const known = new Map<object, { readonly fitting: readonly Pooled[]; taken: number }>();
  return {
    cheapest(asked) {
      if (free.size === 0) return undefined;
      const key = planner.sameFor(asked);
      const request = known.get(key) ?? {
        fitting: cheapestFirst.filter((one) => free.has(one.id) && planner.fits(asked, one)),
        taken: 0,
      };
      known.set(key, request);
      for (; request.taken < request.fitting.length; request.taken++) {
        const next = request.fitting[request.taken];
        if (next && free.has(next.id)) return next;
      }
      return undefined;
    },
    take: (id) => void free.delete(id),
    left: () => [...free.values()],
  };
}
