import { dollars } from '../kernel/dollars.ts';
import { committed } from './budget.ts';
import type { FleetState } from './state.ts';

/** What a fleet has at one time, and what it has cost and will at most. Prices in $/h, `money` in $. */
export interface Amounts {
  readonly instances: number;
  readonly vcpus: number;
  readonly price: number;
  readonly money: number;
}

/** A fleet's limits, and how far they are used. */
export interface Room {
  readonly limits: Readonly<Record<keyof Amounts, number | null>>;
  readonly used: Amounts;
}

export const NOTHING: Amounts = { instances: 0, vcpus: 0, price: 0, money: 0 };

/** `unconfigured`: the limit on instances of a fleet that nobody has configured. */
export function roomIn(fleet: FleetState | undefined, unconfigured: number): Room {
  const limits = fleet?.configuration?.limits;
  return {
    limits: {
      instances: limits?.instances ?? unconfigured,
      vcpus: limits?.vcpus ?? null,
      price: limits?.price_per_hour ?? null,
      money: limits?.budget ?? null,
    },
    used: fleet === undefined ? NOTHING : used(fleet),
  };
}

export const roomOf = (fleet: FleetState): Room => roomIn(fleet, fleet.limits.instances);

const used = ({ reservations, spent }: FleetState): Amounts =>
  reservations.reduce(
    (sum, reservation) =>
      plus(sum, {
        instances: 1,
        vcpus: reservation.offer.vcpus,
        price: reservation.offer.price,
        money: committed(reservation),
      }),
    { ...NOTHING, money: spent },
  );

export const taking = ({ limits, used }: Room, need: Amounts): Room => ({ limits, used: plus(used, need) });

export const plus = (a: Amounts, b: Amounts): Amounts => ({
  instances: a.instances + b.instances,
  vcpus: a.vcpus + b.vcpus,
  price: a.price + b.price,
  money: a.money + b.money,
});

// Sums of prices are not exact: a fleet of ten at $0.1 fits under $1.
const ROUNDING = 1e-9;

export const exceeds = (amount: number, limit: number): boolean => amount > limit + ROUNDING;

/**
 * The limit that this would overshoot, in a sentence; `null`: it fits. Nothing in it changes while somebody waits: each
 * new reason is an event.
 */
export function shortOf({ limits, used }: Room, need: Amounts): string | null {
  const over = (what: keyof Amounts): boolean =>
    need[what] > 0 && exceeds(used[what] + need[what], limits[what] ?? Number.POSITIVE_INFINITY);
  if (over('instances')) return full(limits.instances ?? 0);
  if (over('vcpus')) return `the fleet's ${limits.vcpus} vCPUs leave no room for ${need.vcpus} more`;
  if (over('price'))
    return `the fleet's ${dollars(limits.price ?? 0)}/h leave no room for ${dollars(need.price)}/h more`;
  if (over('money'))
    return `what is left of the fleet's budget of ${dollars(limits.money ?? 0)} does not cover this run`;
  return null;
}

// On hold or booting, they are not busy either.
const full = (instances: number): string =>
  instances === 1
    ? 'the fleet has its one instance, which is not free'
    : `the fleet has its ${instances} instances, none free`;
