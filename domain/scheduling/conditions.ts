import { type Hold, quotaHolds, throttleOf } from '../fleet/holds.ts';
import { type FleetMemory, NOTHING_REMEMBERED, useOf } from '../fleet/memory.ts';
import type { Instant } from '../kernel/instant.ts';
import type { Unavailable } from '../planning/context.ts';
import type { OfferTerms } from '../planning/offer.ts';
import { type QuotaFamily, quotaFamily } from '../planning/quota.ts';

/** What the cloud lets be launched at this moment of a pass, as far as all fleets know. */
export interface Conditions {
  readonly unavailable: readonly Unavailable[];
  readonly holds: readonly Hold[];
  /** Quotas, as `quotaOf` names them, whose next place is kept for a job of higher priority. */
  readonly kept: ReadonlySet<string>;
  readonly throttle: { readonly code: string; readonly until: Instant } | null;
}

/** `taken`: what this pass launches, on top of what the fleets know to be in use. */
export function conditionsOf(
  memories: readonly FleetMemory[],
  now: Instant,
  taken: readonly OfferTerms[] = [],
  kept: ReadonlySet<string> = new Set(),
): Conditions {
  const use = useOf(taken.map((offer) => ({ ...offer, vcpus: offer.resources.cpus })));
  const pass: FleetMemory = { ...NOTHING_REMEMBERED, use };
  return {
    unavailable: memories
      .flatMap(({ unavailable, types, zones }) => [
        ...unavailable,
        ...types.map((type) => ({ ...type, zone: null })),
        ...zones.map((zone) => ({ ...zone, instance_type: null, spot: null })),
      ])
      .filter(({ until }) => until > now),
    holds: quotaHolds([...memories, pass], now),
    kept,
    throttle: throttleOf(memories, now),
  };
}

export const quotaOf = ({ family, spot }: { family: string; spot: string }): string => `${family} ${spot}`;

export const quotaOfOffer = ({ instance_type, spot }: OfferTerms): { family: QuotaFamily; spot: string } => ({
  family: quotaFamily(instance_type),
  spot,
});

/** Whether a launch takes of a quota that was refused lately: what is left of it, it may use up. */
export function countsAgainst(memories: readonly FleetMemory[], offer: OfferTerms, now: Instant): boolean {
  const { family, spot } = quotaOfOffer(offer);
  return memories.some(({ quotas }) =>
    quotas.some(
      (one) => one.until > now && one.spot === spot && (one.family === family || one.family === 'all'),
    ),
  );
}
