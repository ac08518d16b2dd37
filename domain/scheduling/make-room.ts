import type { Instant } from '../kernel/instant.ts';
import { quotaOf, quotaOfOffer } from './conditions.ts';
import type { Decision } from './decision.ts';
import type { Pooled } from './snapshot.ts';

/** What a job waits for that an instance's end would give it. */
export type Missing =
  | { readonly of: 'places' }
  | { readonly of: 'quota'; readonly quotas: readonly string[] };

/**
 * Idle instances that nobody who waits can use make room for what they can use: as many go as jobs wait for a place, or
 * for a quota that such an instance takes a part of, less those that are going already. The longest idle go first.
 */
export function makeRoom(
  lacks: readonly Missing[],
  idle: readonly Pooled[],
  pool: readonly Pooled[],
): Decision[] {
  const going = pool.filter(({ state }) => state.phase.kind === 'terminating');
  const longest = idle.toSorted((a, b) => idleSince(a) - idleSince(b));
  const leaving = new Set<Pooled>();
  // Thousands may lack the same that nobody here can give.
  const inVain = new Set<string>();
  for (const lack of lacks) {
    const what = lack.of === 'places' ? lack.of : lack.quotas.join();
    if (inVain.has(what)) continue;
    const helps = ({ state }: Pooled): boolean => {
      if (lack.of === 'places') return true;
      const quota = quotaOfOffer(state.offer);
      return lack.quotas.some(
        (one) => one === quotaOf(quota) || one === quotaOf({ ...quota, family: 'all' }),
      );
    };
    const already = going.findIndex(helps);
    if (already >= 0) {
      going.splice(already, 1);
      continue;
    }
    const next = longest.find((one) => !leaving.has(one) && helps(one));
    if (next) leaving.add(next);
    else inVain.add(what);
  }
  return [...leaving].map(({ id }) => ({ kind: 'let-go', instance: id }));
}

const idleSince = ({ state }: Pooled): Instant => (state.phase.kind === 'idle' ? state.phase.since : 0);
