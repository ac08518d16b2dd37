import { mayLeave } from '../fleet/nodes.ts';
import type { FleetState } from '../fleet/state.ts';
import type { InstanceState } from '../instance/state.ts';
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
  const reservations = fleet?.reservations ?? [];
  const staying = new Map(pool.filter(({ state }) => stays(state)).map((one) => [String(one.id), one]));
  const keepsAll =
    fleet !== undefined &&
    !mayLeave(fleet) &&
    reservations.length > 0 &&
    // One that the index does not show, or that is about to end, may make room.
    reservations.every(({ instance, fate }) => fate === 'stays' && staying.has(instance));
  if (!keepsAll) return () => null;
  const has =
    reservations.length === 1
      ? 'its one instance, which does'
      : `its ${reservations.length} instances, which do`;
  return (asked) => {
    const key = planner.sameFor(asked);
    const before = known.get(key);
    if (before !== undefined) return before;
    const fits = [...staying.values()].some((one) => planner.fits(asked, one));
    const why = fits ? null : `the fleet has room for the nodes that it keeps alone: ${has} not fit`;
    known.set(key, why);
    return why;
  };
}

function stays({ phase, withheld }: InstanceState): boolean {
  switch (phase.kind) {
    case 'requested':
    case 'booting':
    case 'idle':
    case 'busy':
      return withheld?.behavior !== 'drain';
    case 'draining':
    case 'terminating':
    case 'terminated':
      return false;
  }
}
