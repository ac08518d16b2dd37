import type { InstanceId } from '../kernel/ids.ts';
import { type Instant, MINUTE } from '../kernel/instant.ts';
import { END_AHEAD } from './budget.ts';
import { missingNodes } from './nodes.ts';
import { groupDue, type PlacementGroup, unwantedGroup } from './placement-group.ts';
import type { FleetState } from './state.ts';
import type { StoredFleet } from './stored-fleet.ts';

export type Upkeep =
  | {
      readonly kind: 'end-instances';
      readonly instances: readonly InstanceId[];
      readonly reason: 'fleet_deleted' | 'budget_spent';
    }
  /** So many nodes short, with no job that would bring them. */
  | { readonly kind: 'order'; readonly nodes: number }
  /** What it is configured to has to reach the instances that it has. */
  | {
      readonly kind: 'roll-out';
      readonly configuration: StoredFleet;
      readonly instances: readonly InstanceId[];
    }
  | { readonly kind: 'delete-group'; readonly group: PlacementGroup }
  | { readonly kind: 'rest' };

export function nextUpkeep(fleet: FleetState, now: Instant): Upkeep {
  const { phase } = fleet;
  // First: what waits for its end to be launched into another is not ended before.
  const group = unwantedGroup(fleet);
  if (group !== null) return { kind: 'delete-group', group };
  const { rollout, configuration, reservations } = fleet;
  if (rollout !== null && configuration !== null)
    return { kind: 'roll-out', configuration, instances: reservations.map(({ instance }) => instance) };
  const overdue = overdueIn(fleet, now);
  const nodes = missingNodes(fleet);
  if (overdue.length === 0)
    return nodes > 0 && now >= fleet.order_after ? { kind: 'order', nodes } : { kind: 'rest' };
  return {
    kind: 'end-instances',
    instances: overdue,
    reason: phase.kind === 'deleted' ? 'fleet_deleted' : 'budget_spent',
  };
}

/** The instances whose time in the fleet is over. */
export const overdueIn = ({ phase, reservations }: FleetState, now: Instant): InstanceId[] =>
  reservations
    .filter(
      ({ paid_until }) => phase.kind === 'deleted' || (paid_until !== null && now >= paid_until - END_AHEAD),
    )
    .map(({ instance }) => instance);

const LOOK_AFTER_DELETION = MINUTE;
/** Whoever was to roll it out may have died. */
const LOOK_AFTER_ROLLOUT = MINUTE;

/** A fleet otherwise moves with its instances. */
export function upkeepDue(fleet: FleetState): Instant | undefined {
  const { phase, reservations } = fleet;
  const { due: group } = groupDue(fleet);
  if (group !== undefined) return group;
  if (fleet.rollout !== null) return fleet.rollout + LOOK_AFTER_ROLLOUT;
  if (missingNodes(fleet) > 0) return fleet.order_after;
  if (reservations.length === 0) return undefined;
  if (phase.kind === 'deleted') return phase.at + LOOK_AFTER_DELETION;
  const paid = reservations.flatMap(({ paid_until }) => paid_until ?? []);
  return paid.length > 0 ? Math.min(...paid) - END_AHEAD : undefined;
}
