import type { FleetEvent } from '../../domain/fleet/events.ts';
import { HOUR, type Instant } from '../../domain/kernel/instant.ts';
import type { OfferTerms } from '../../domain/planning/offer.ts';

interface Place {
  readonly vcpus: number;
  readonly price: number;
  readonly since: Instant;
  paidUntil: Instant | null;
}

/** A fleet's books, kept from its events alone: by rules of their own, not by those of the domain that they are to check. */
export interface Ledger {
  readonly places: ReadonlyMap<string, Place>;
  /** Since when an operator has it closed. */
  readonly closed: Instant | null;
  readonly deleted: Instant | null;
  /** So many nodes it keeps without a job. */
  readonly keeps: number;
  /** What has ever been so. */
  readonly once: ReadonlySet<Once>;
  /** Enters what happened; answers what is wrong with it. */
  enter(events: readonly FleetEvent[], at: Instant): string | undefined;
}

export type Once = 'budgeted' | 'keeping' | 'deleted' | 'terminated';

// Sums of prices are not exact.
const EXACT = 1e-6;

export function ledger(): Ledger {
  const places = new Map<string, Place>();
  const once = new Set<Once>();
  const none = Number.POSITIVE_INFINITY;
  let limits = { instances: none, vcpus: none, price: none, budget: none };
  let [closed, deleted] = [null as Instant | null, null as Instant | null];
  let [keeps, spent] = [0, 0];
  const sum = (part: (place: Place) => number) =>
    [...places.values()].reduce((total, place) => total + part(place), 0);
  const cost = ({ price, since }: Place, until: Instant) => (price * (until - since)) / HOUR;

  const take = (instance: string, { price, resources }: OfferTerms, at: Instant): string | undefined => {
    places.set(instance, { price, vcpus: resources.cpus, since: at, paidUntil: null });
    if (closed !== null) return `${instance} is launched, and an operator has the fleet closed`;
    if (deleted !== null) return `${instance} is launched, and the fleet is deleted`;
    if (places.size > limits.instances) return `${places.size} of ${limits.instances} instances`;
    const [vcpus, hourly] = [sum((place) => place.vcpus), sum((place) => place.price)];
    if (vcpus > limits.vcpus) return `${vcpus} of ${limits.vcpus} vCPUs`;
    return hourly > limits.price + EXACT ? `$${hourly}/h of $${limits.price}/h` : undefined;
  };
  const overBudget = (): string | undefined => {
    const money = spent + sum((place) => (place.paidUntil === null ? 0 : cost(place, place.paidUntil)));
    return money > limits.budget + EXACT ? `$${money} of a budget of $${limits.budget}` : undefined;
  };

  function enterOne(event: FleetEvent, at: Instant): string | undefined {
    switch (event.type) {
      case 'FleetCreated':
        places.clear();
        [closed, deleted, keeps, spent] = [null, null, 0, 0];
        limits = { instances: event.limits.instances, vcpus: none, price: none, budget: none };
        return;
      case 'FleetLimitsChanged':
        limits = { ...limits, instances: event.limits.instances };
        return;
      case 'FleetConfigured': {
        const { instances, vcpus, price_per_hour, budget } = event.configuration.limits;
        limits = { instances, vcpus: vcpus ?? none, price: price_per_hour ?? none, budget: budget ?? none };
        keeps = event.configuration.nodes.min;
        if (budget !== null) once.add('budgeted');
        if (keeps > 0) once.add('keeping');
        return overBudget();
      }
      case 'LaunchReserved':
      case 'NodeReserved':
        return take(event.instance, event.offer, at);
      case 'CostCommitted': {
        const place = places.get(event.instance);
        if (place === undefined) return `${event.instance} is paid for and has no place`;
        place.paidUntil = event.until;
        return overBudget();
      }
      case 'ReservationReleased': {
        const place = places.get(event.instance);
        if (place !== undefined) spent += cost(place, at);
        places.delete(event.instance);
        return;
      }
      case 'ReservationCancelled':
        places.delete(event.instance);
        return;
      case 'FleetDeleted':
        deleted = at;
        once.add('deleted');
        return;
      case 'FleetResumed':
        closed = null;
        return;
      case 'FleetTerminationRequested':
        once.add('terminated');
        closed ??= at;
        return;
      case 'FleetPaused':
      case 'FleetDrainRequested':
        closed ??= at;
        return;
      default:
        return;
    }
  }

  return {
    ...{ places, once },
    get closed() {
      return closed;
    },
    get deleted() {
      return deleted;
    },
    get keeps() {
      return deleted === null ? keeps : 0;
    },
    enter(events, at) {
      let problem: string | undefined;
      for (const event of events) problem ??= enterOne(event, at);
      if (problem !== undefined || limits.budget === none) return problem;
      const unpaid = [...places].find(([, { paidUntil }]) => paidUntil === null);
      return unpaid && `nothing is committed for ${unpaid[0]}, of a budget of $${limits.budget}`;
    },
  };
}
