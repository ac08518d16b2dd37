import type { Claim } from '../instance/events.ts';
import type { InstanceId } from '../kernel/ids.ts';
import type { Instant } from '../kernel/instant.ts';
import { unreachable } from '../kernel/result.ts';
import type { OfferTerms } from '../planning/offer.ts';
import { type Admission, evolveAdmission, openAdmission } from './admission.ts';
import { costUntil } from './budget.ts';
import type { FleetEvent, FleetLimits } from './events.ts';
import { type CloudMemory, NOTHING_REMEMBERED } from './memory.ts';
import { evolveGroup, type PlacementGroup } from './placement-group.ts';
import { remember } from './remember.ts';
import type { StoredFleet } from './stored-fleet.ts';

/** A place under the fleet's limit, taken before the launch and given back when the instance is gone. */
export interface Reservation {
  readonly instance: InstanceId;
  /** The submission it was launched for; `null`: the fleet keeps it without one. */
  readonly claim: Claim | null;
  /** `leaves`: it is about to end, and is not counted among the nodes to keep. */
  readonly fate: 'stays' | 'leaves';
  readonly offer: Pick<OfferTerms, 'instance_type' | 'zone' | 'spot' | 'price'> & { readonly vcpus: number };
  readonly reserved_at: Instant;
  /** Under a budget: what it costs until then is committed. */
  readonly paid_until: Instant | null;
}

export interface FleetState extends Admission, CloudMemory {
  readonly project: string;
  readonly limits: FleetLimits;
  readonly created_at: Instant;
  readonly reservations: readonly Reservation[];
  /** As a user applied it; `null` for the default fleet, which comes into being by itself. */
  readonly configuration: StoredFleet | null;
  /** When its limits were last changed, after it came into being; `null`: never. */
  readonly limits_moved_at: Instant | null;
  /** What its instances have cost, those there are now excepted; $. */
  readonly spent: number;
  /** So many nodes are still to be launched, of those that it is to begin with. */
  readonly to_begin: number;
  /** An order that was refused is made again no sooner. */
  readonly order_after: Instant;
  /** Since when its configuration is to reach the instances that it has; `null`: it has. */
  readonly rollout: Instant | null;
  /** Since when nodes are checked as they are; `null`: always, or never. */
  readonly health_at: Instant | null;
  /** EC2's group that its instances are in; `null`: it has none. */
  readonly group: PlacementGroup | null;
  readonly phase: { readonly kind: 'active' } | { readonly kind: 'deleted'; readonly at: Instant };
}

// Whatever EC2 says to an order, another is not made at once: nobody waits for it.
const ORDER_AGAIN = 60_000;

export function evolve(fleet: FleetState | undefined, event: FleetEvent, at: Instant): FleetState {
  if (event.type === 'FleetCreated') {
    const { project, limits } = event;
    return {
      ...{ project, limits, created_at: at, reservations: [] },
      ...NOTHING_REMEMBERED,
      ...openAdmission,
      ...{
        configuration: null,
        limits_moved_at: null,
        spent: 0,
        to_begin: 0,
        order_after: at,
        rollout: null,
        health_at: null,
        // One that a deleted fleet of this name left is still to be deleted, or serves on.
        group: fleet?.group ?? null,
        phase: { kind: 'active' },
      },
    };
  }
  if (fleet === undefined) throw new Error(`${event.type} on a fleet that was never created`);
  switch (event.type) {
    case 'FleetLimitsChanged':
      return { ...fleet, limits: event.limits, limits_moved_at: at };
    case 'FleetConfigured':
      return configured(fleet, event.configuration, at);
    case 'FleetDeleted':
      return { ...fleet, rollout: null, phase: { kind: 'deleted', at } };
    case 'LaunchReserved':
      return reserved(fleet, event, { job: event.job, submission: event.submission }, at);
    case 'NodeReserved':
      return reserved(fleet, event, null, at);
    case 'NodeDismissed':
      return { ...fleet, reservations: afterLeave(fleet, new Set([event.instance])) };
    case 'RolloutStarted':
      return { ...fleet, rollout: at };
    case 'RolloutFinished':
      return rolledOut(fleet, new Set(event.leaving));
    case 'CostCommitted': {
      const reservations = fleet.reservations.map((reservation) =>
        reservation.instance === event.instance ? { ...reservation, paid_until: event.until } : reservation,
      );
      return { ...fleet, reservations };
    }
    case 'ReservationReleased': {
      const ended = fleet.reservations.find(({ instance }) => instance === event.instance);
      const spent = fleet.spent + (ended === undefined ? 0 : costUntil(ended, at));
      return { ...without(fleet, event.instance), spent };
    }
    case 'ReservationCancelled':
      return { ...without(fleet, event.instance), order_after: at + ORDER_AGAIN };
    case 'OfferingUnavailable':
    case 'TypeUnavailable':
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
    case 'PlacementGroupRequested':
    case 'PlacementGroupCreated':
    case 'PlacementGroupReleased':
    case 'PlacementGroupDeleted':
      return { ...fleet, group: evolveGroup(event, at) };
    default:
      return unreachable(event);
  }
}

function configured(fleet: FleetState, configuration: StoredFleet, at: Instant): FleetState {
  const { limits, nodes } = configuration;
  const to_begin =
    fleet.configuration === null
      ? Math.max(0, nodes.target - fleet.reservations.length)
      : Math.min(fleet.to_begin, nodes.target);
  // Nobody waits for a fleet that comes into being with its configuration.
  const limits_moved_at = at === fleet.created_at ? null : at;
  const sameHealth =
    JSON.stringify(fleet.configuration?.health ?? null) === JSON.stringify(configuration.health);
  const health_at = sameHealth ? fleet.health_at : at;
  return {
    ...fleet,
    ...{ configuration, limits: { instances: limits.instances }, limits_moved_at, to_begin, health_at },
  };
}

/** A change begins with `target` nodes as a creation does: of those that are there, the ones that stay count. */
function rolledOut(fleet: FleetState, leaving: ReadonlySet<InstanceId>): FleetState {
  const reservations = afterLeave(fleet, leaving);
  const staying = reservations.filter(({ fate }) => fate === 'stays').length;
  const to_begin = Math.max(0, (fleet.configuration?.nodes.target ?? 0) - staying);
  return { ...fleet, reservations, to_begin, rollout: null };
}

const afterLeave = ({ reservations }: FleetState, leaving: ReadonlySet<InstanceId>): Reservation[] =>
  reservations.map((one) => (leaving.has(one.instance) ? { ...one, fate: 'leaves' } : one));

function reserved(
  fleet: FleetState,
  { instance, offer: terms }: { instance: InstanceId; offer: OfferTerms },
  claim: Claim | null,
  at: Instant,
): FleetState {
  const { instance_type, zone, spot, price, resources } = terms;
  const offer = { instance_type, zone, spot, price, vcpus: resources.cpus };
  const place: Reservation = { instance, claim, fate: 'stays', offer, reserved_at: at, paid_until: null };
  return {
    ...fleet,
    to_begin: Math.max(0, fleet.to_begin - 1),
    reservations: [...fleet.reservations, place],
  };
}

const without = (fleet: FleetState, gone: InstanceId): FleetState => ({
  ...fleet,
  reservations: fleet.reservations.filter(({ instance }) => instance !== gone),
});
