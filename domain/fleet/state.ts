import type { InstanceId, JobId } from '../kernel/ids.ts';
import type { Instant } from '../kernel/instant.ts';
import { unreachable } from '../kernel/result.ts';
import type { OfferTerms } from '../planning/offer.ts';
import { type Admission, evolveAdmission, openAdmission } from './admission.ts';
import type { FleetEvent, FleetLimits } from './events.ts';
import { type CloudMemory, NOTHING_REMEMBERED } from './memory.ts';
import { remember } from './remember.ts';

/** A place under the fleet's limit, taken before the launch and given back when the instance is gone. */
export interface Reservation {
  readonly instance: InstanceId;
  readonly job: JobId;
  readonly submission: number;
  readonly offer: Pick<OfferTerms, 'instance_type' | 'zone' | 'spot' | 'price'> & { readonly vcpus: number };
}

export interface FleetState extends Admission, CloudMemory {
  readonly project: string;
  readonly limits: FleetLimits;
  readonly created_at: Instant;
  readonly reservations: readonly Reservation[];
}

export function evolve(fleet: FleetState | undefined, event: FleetEvent, at: Instant): FleetState {
  if (event.type === 'FleetCreated') {
    const { project, limits } = event;
    const nothing = { reservations: [], ...NOTHING_REMEMBERED, ...openAdmission };
    return { project, limits, created_at: at, ...nothing };
  }
  if (fleet === undefined) throw new Error(`${event.type} on a fleet that was never created`);
  switch (event.type) {
    case 'FleetLimitsChanged':
      return { ...fleet, limits: event.limits };
    case 'LaunchReserved': {
      const { instance, job, submission } = event;
      const { instance_type, zone, spot, price } = event.offer;
      const { cpus: vcpus } = event.offer.resources;
      const reservation = { instance, job, submission, offer: { instance_type, zone, spot, price, vcpus } };
      return { ...fleet, reservations: [...fleet.reservations, reservation] };
    }
    case 'ReservationReleased':
      return {
        ...fleet,
        reservations: fleet.reservations.filter(({ instance }) => instance !== event.instance),
      };
    case 'OfferingUnavailable':
    case 'ZoneUnavailable':
    case 'QuotaReached':
    case 'QuotaExhausted':
    case 'LaunchesThrottled':
    case 'LaunchSucceeded':
      return { ...fleet, ...remember(fleet, event, at) };
    case 'FleetPaused':
    case 'FleetResumed':
    case 'FleetDrainRequested':
    case 'FleetTerminationRequested':
    case 'FleetOrderCarriedOut':
      return evolveAdmission(fleet, event, at);
    default:
      return unreachable(event);
  }
}
