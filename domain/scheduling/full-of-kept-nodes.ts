import { mayLeave } from '../fleet/nodes.ts';
import type { FleetState } from '../fleet/state.ts';
import { isLeaving } from '../instance/state.ts';
import type { Asked, Planner } from './planner.ts';
import type { Pooled } from './snapshot.ts';

/**
 * For whom there will be no place: the fleet is full of nodes that it keeps whoever needs them, and none of them fits.
 * Answers why, or `null`.
 */
export function fullOfKeptNodes(
  planner: Planner,
  fleet: FleetState | undefined,
  pool: readonly Pooled[],
): (asked: Asked) => string | null {
  const known = new Map<object, string | null>();
  const kept = keptForGood(fleet, pool);
  if (kept.length === 0) return () => null;
  const has = kept.length === 1 ? 'its one instance, which does' : `its ${kept.length} instances, which do`;
  return (asked) => {
    const key = planner.sameFor(asked);
    const before = known.get(key);
    if (before !== undefined) return before;
    const fits = kept.some((one) => planner.fits(asked, one));
    const why = fits ? null : `the fleet has room for the nodes that it keeps alone: ${has} not fit`;
    known.set(key, why);
    return why;
  };
}

/** All that a fleet has, where it keeps all of them; else none. */
export function keptForGood(fleet: FleetState | undefined, pool: readonly Pooled[]): readonly Pooled[] {
  // Nobody knows which of them stay before a changed configuration has reached them.
  if (fleet === undefined || fleet.rollout !== null || mayLeave(fleet)) return [];
  const there = new Map(pool.filter(({ state }) => !isLeaving(state)).map((one) => [String(one.id), one]));
  const kept = fleet.reservations.flatMap(({ instance, fate }) =>
    fate === 'stays' ? (there.get(instance) ?? []) : [],
  );
  // One that the index does not show, or that is about to end, may make room.
  return kept.length === fleet.reservations.length ? kept : [];
}
