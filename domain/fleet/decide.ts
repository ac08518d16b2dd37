import type { InstanceId, JobId } from '../kernel/ids.ts';
import type { OfferTerms } from '../planning/offer.ts';
import type { FleetEvent, FleetLimits } from './events.ts';
import type { FleetState } from './state.ts';

export const room = (fleet: FleetState): number => fleet.limits.instances - fleet.reservations.length;

/** Takes a place under the limit, once per submission: the arbiter of launches. A paused fleet has none. */
export function reserve(
  fleet: FleetState,
  launch: { instance: InstanceId; job: JobId; submission: number; offer: OfferTerms },
): FleetEvent[] {
  const taken = fleet.reservations.some(
    ({ job, submission }) => job === launch.job && submission === launch.submission,
  );
  return taken || fleet.closed || room(fleet) <= 0 ? [] : [{ type: 'LaunchReserved', ...launch }];
}

export const giveBack = (fleet: FleetState, instance: InstanceId): FleetEvent[] =>
  fleet.reservations.some((reservation) => reservation.instance === instance)
    ? [{ type: 'ReservationReleased', instance }]
    : [];

/** A fleet comes into being with its first use and follows the limits it is configured with. */
export function ensure(fleet: FleetState | undefined, project: string, limits: FleetLimits): FleetEvent[] {
  if (fleet === undefined) return [{ type: 'FleetCreated', project, limits }];
  return fleet.limits.instances === limits.instances ? [] : [{ type: 'FleetLimitsChanged', limits }];
}
