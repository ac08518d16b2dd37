import * as z from 'zod';
import { type Instant, MINUTE } from '../kernel/instant.ts';
import { Market } from '../planning/offer.ts';
import { quotaFamily } from '../planning/quota.ts';
import type { Reservation } from './state.ts';

// What the cloud has refused lately. Times in ms since 1970.

const UnavailableOffering = z.object({
  instance_type: z.string(),
  zone: z.string(),
  spot: Market,
  code: z.string(),
  until: z.number(),
  /** How often in a row: each time is remembered longer. */
  times: z.number(),
});
export type UnavailableOffering = z.infer<typeof UnavailableOffering>;

/** A zone whose subnets took no instance, of whatever type. */
const UnavailableZone = UnavailableOffering.omit({ instance_type: true, spot: true });
export type UnavailableZone = z.infer<typeof UnavailableZone>;

const Amount = z.object({ instances: z.number(), vcpus: z.number() });
export type Amount = z.infer<typeof Amount>;

/** An instance type that the cloud does not launch for this account, image or market, in whichever zone. */
const UnavailableType = UnavailableOffering.omit({ zone: true, times: true });
export type UnavailableType = z.infer<typeof UnavailableType>;

const ReachedQuota = z.object({
  family: z.string(),
  spot: Market,
  /** So many vCPUs more were refused, */
  vcpus: z.number(),
  /** while so much was in use, in all fleets. */
  in_use: Amount,
  code: z.string(),
  since: z.number(),
  until: z.number(),
});
export type ReachedQuota = z.infer<typeof ReachedQuota>;

const Throttle = z.object({ code: z.string(), until: z.number(), times: z.number() });
export type Throttle = z.infer<typeof Throttle>;

export const CloudMemory = z.object({
  unavailable: z.array(UnavailableOffering),
  /** Not in the views of fleets that were written before there was one. */
  types: z.array(UnavailableType).default([]),
  zones: z.array(UnavailableZone),
  quotas: z.array(ReachedQuota),
  throttle: Throttle.nullable(),
});
export type CloudMemory = z.infer<typeof CloudMemory>;

const QuotaUse = Amount.extend({ family: z.string(), spot: Market });
export type QuotaUse = z.infer<typeof QuotaUse>;

/** What a fleet knows of the account, for the others to heed: refusals, and its own part in what is used of each quota. */
export const FleetMemory = CloudMemory.extend({ use: z.array(QuotaUse) });
export type FleetMemory = z.infer<typeof FleetMemory>;

export const NOTHING_REMEMBERED: CloudMemory = {
  unavailable: [],
  types: [],
  zones: [],
  quotas: [],
  throttle: null,
};

/** What was refused counts as a repeat for this long after its memory has run out. */
const REMEMBERED = 15 * MINUTE;

export const isRecent = (known: { until: Instant } | null | undefined, now: Instant): boolean =>
  known !== null && known !== undefined && known.until + REMEMBERED > now;

export function memoryOf(fleet: CloudMemory & { reservations: readonly Reservation[] }): FleetMemory {
  const { unavailable, types, zones, quotas, throttle, reservations } = fleet;
  return { unavailable, types, zones, quotas, throttle, use: useOf(reservations.map(({ offer }) => offer)) };
}

/** How much of each quota these take. */
export function useOf(offers: readonly { instance_type: string; spot: Market; vcpus: number }[]): QuotaUse[] {
  const use = new Map<string, QuotaUse>();
  for (const { instance_type, spot, vcpus } of offers) {
    const family = quotaFamily(instance_type);
    const known = use.get(`${family} ${spot}`) ?? { instances: 0, vcpus: 0, family, spot };
    use.set(`${family} ${spot}`, {
      ...known,
      instances: known.instances + 1,
      vcpus: known.vcpus + vcpus,
    });
  }
  return [...use.values()];
}

/** What all of them use of one quota; `all` is every family of a market. */
export function inUse(
  memories: readonly Pick<FleetMemory, 'use'>[],
  quota: { family: string; spot: Market },
): Amount {
  return memories
    .flatMap(({ use }) => use)
    .filter(({ family, spot }) => spot === quota.spot && (quota.family === 'all' || family === quota.family))
    .reduce(
      (sum, { instances, vcpus }) => ({ instances: sum.instances + instances, vcpus: sum.vcpus + vcpus }),
      { instances: 0, vcpus: 0 },
    );
}
