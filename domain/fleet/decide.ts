import type { InstanceId, JobId } from '../kernel/ids.ts';
import { type Instant, MINUTE } from '../kernel/instant.ts';
import type { OfferTerms } from '../planning/offer.ts';
import { quotaFamily } from '../planning/quota.ts';
import type { FleetEvent, FleetLimits } from './events.ts';
import { type FleetState, sameOffering } from './state.ts';

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

/** Three minutes the first time, then longer, half an hour at most: capacity comes and goes in such times. */
export function unavailable(fleet: FleetState, offer: OfferTerms, code: string, now: Instant): FleetEvent[] {
  const { instance_type, zone, spot } = offer;
  const times = fleet.unavailable.find((known) => sameOffering(known, offer))?.times ?? 0;
  const until = now + Math.min(30, 3 * 1.5 ** times) * MINUTE;
  return [{ type: 'OfferingUnavailable', instance_type, zone, spot, code, until }];
}

/** Held for a minute: by then instances may have ended, or the account may have been given more. */
export const quotaReached = (offer: OfferTerms, code: string, now: Instant): FleetEvent[] => [
  {
    type: 'QuotaReached',
    family: code === 'VolumeLimitExceeded' ? 'all' : quotaFamily(offer.instance_type),
    spot: offer.spot,
    vcpus: code === 'VolumeLimitExceeded' ? 0 : offer.resources.cpus,
    code,
    until: now + MINUTE,
  },
];

/** A fleet comes into being with its first use and follows the limits it is configured with. */
export function ensure(fleet: FleetState | undefined, project: string, limits: FleetLimits): FleetEvent[] {
  if (fleet === undefined) return [{ type: 'FleetCreated', project, limits }];
  return fleet.limits.instances === limits.instances ? [] : [{ type: 'FleetLimitsChanged', limits }];
}
