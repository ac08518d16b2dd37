import type { InstanceId } from '../kernel/ids.ts';
import type { OfferTerms } from '../planning/offer.ts';
import type { FleetEvent } from './events.ts';
import { isApart } from './placement-group.ts';
import { isOutdated } from './rollout.ts';
import { NOTHING, roomOf, shortOf } from './room.ts';
import type { FleetState } from './state.ts';

// Nodes that a fleet keeps whether anybody needs them or not: `target` to begin with, `min` from then on.

/** How many it lacks. */
export function missingNodes(fleet: FleetState): number {
  // What an operator has closed orders nothing.
  if (fleet.phase.kind === 'deleted' || fleet.closed || fleet.configuration === null) return 0;
  return Math.max(0, fleet.to_begin, fleet.configuration.nodes.min - staying(fleet));
}

const staying = ({ reservations }: FleetState): number =>
  reservations.filter(({ fate }) => fate === 'stays').length;

/** A place for one of them: within the limits, like any launch. */
export function order(fleet: FleetState, node: { instance: InstanceId; offer: OfferTerms }): FleetEvent[] {
  const { price, resources } = node.offer;
  const takes = { ...NOTHING, instances: 1, vcpus: resources.cpus, price };
  if (missingNodes(fleet) === 0 || isApart(fleet, node.offer.zone) || shortOf(roomOf(fleet), takes) !== null)
    return [];
  if (isOutdated(fleet, node.offer)) return [];
  return [{ type: 'NodeReserved', ...node }];
}

/** Whether it has more than it keeps. */
export const mayLeave = (fleet: FleetState): boolean =>
  fleet.phase.kind === 'deleted' || staying(fleet) > (fleet.configuration?.nodes.min ?? 0);

/** Lets an idle instance go, unless the fleet would have too few. One that keeps none need not be asked. */
export function dismiss(fleet: FleetState, instance: InstanceId): FleetEvent[] | 'kept' {
  const held = fleet.reservations.find((reservation) => reservation.instance === instance);
  const keeps = fleet.phase.kind === 'active' && (fleet.configuration?.nodes.min ?? 0) > 0;
  if (!keeps || held === undefined || held.fate === 'leaves') return [];
  return mayLeave(fleet) ? [{ type: 'NodeDismissed', instance }] : 'kept';
}
