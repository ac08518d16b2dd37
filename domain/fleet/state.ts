import type { InstanceId, JobId } from '../kernel/ids.ts';
import type { Instant } from '../kernel/instant.ts';
import { unreachable } from '../kernel/result.ts';
import type { OfferTerms } from '../planning/offer.ts';
import { type Admission, evolveAdmission, openAdmission } from './admission.ts';
import type { FleetEvent, FleetLimits } from './events.ts';

/** A place under the fleet's limit, taken before the launch and given back when the instance is gone. */
export interface Reservation {
  readonly instance: InstanceId;
  readonly job: JobId;
  readonly submission: number;
  readonly offer: Pick<OfferTerms, 'instance_type' | 'zone' | 'spot' | 'price'>;
}

export interface UnavailableOffering {
  readonly instance_type: string;
  readonly zone: string;
  readonly spot: OfferTerms['spot'];
  readonly code: string;
  readonly until: Instant;
  /** How often in a row: each time is remembered longer. */
  readonly times: number;
}

export interface ReachedQuota {
  readonly family: string;
  readonly spot: OfferTerms['spot'];
  /** So many vCPUs more were refused. */
  readonly vcpus: number;
  readonly code: string;
  readonly until: Instant;
}

export interface FleetState extends Admission {
  readonly project: string;
  readonly limits: FleetLimits;
  readonly created_at: Instant;
  readonly reservations: readonly Reservation[];
  readonly unavailable: readonly UnavailableOffering[];
  readonly quotas: readonly ReachedQuota[];
}

// An offering that was refused counts as a repeat for this long after its memory has run out.
const REMEMBERED = 15 * 60_000;

export function evolve(fleet: FleetState | undefined, event: FleetEvent, at: Instant): FleetState {
  if (event.type === 'FleetCreated') {
    const { project, limits } = event;
    const nothing = { reservations: [], unavailable: [], quotas: [], ...openAdmission };
    return { project, limits, created_at: at, ...nothing };
  }
  if (fleet === undefined) throw new Error(`${event.type} on a fleet that was never created`);
  switch (event.type) {
    case 'FleetLimitsChanged':
      return { ...fleet, limits: event.limits };
    case 'LaunchReserved': {
      const { instance, job, submission } = event;
      const { instance_type, zone, spot, price } = event.offer;
      const reservation = { instance, job, submission, offer: { instance_type, zone, spot, price } };
      return { ...fleet, reservations: [...fleet.reservations, reservation] };
    }
    case 'ReservationReleased':
      return {
        ...fleet,
        reservations: fleet.reservations.filter(({ instance }) => instance !== event.instance),
      };
    case 'OfferingUnavailable': {
      const { type: _, ...offering } = event;
      const times = (fleet.unavailable.find((known) => sameOffering(known, event))?.times ?? 0) + 1;
      const others = fleet.unavailable.filter(
        (known) => !sameOffering(known, event) && known.until + REMEMBERED > at,
      );
      return { ...fleet, unavailable: [...others, { ...offering, times }] };
    }
    case 'QuotaReached': {
      const { type: _, ...reached } = event;
      const others = fleet.quotas.filter(
        (known) => !(known.family === event.family && known.spot === event.spot) && known.until > at,
      );
      return { ...fleet, quotas: [...others, reached] };
    }
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

type Offering = Pick<OfferTerms, 'instance_type' | 'zone' | 'spot'>;

export const sameOffering = (a: Offering, b: Offering): boolean =>
  a.instance_type === b.instance_type && a.zone === b.zone && a.spot === b.spot;
