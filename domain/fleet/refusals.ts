import type { Refusal } from '../job/events.ts';
import { type Instant, MINUTE, SECOND } from '../kernel/instant.ts';
import type { OfferTerms } from '../planning/offer.ts';
import { quotaFamily } from '../planning/quota.ts';
import { type CloudMemory, type FleetMemory, inUse, isRecent, memoryOf } from './memory.ts';
import type { RefusalEvent } from './refusal-events.ts';
import { outdated, sameOffering, sameType } from './remember.ts';
import type { FleetState } from './state.ts';

/** Three minutes the first time, then longer, half an hour at most: capacity comes and goes in such times. */
export function unavailable(
  fleet: CloudMemory,
  offer: OfferTerms,
  code: string,
  now: Instant,
): RefusalEvent[] {
  const { instance_type, zone, spot } = offer;
  const known = fleet.unavailable.find((one) => sameOffering(one, offer));
  return [{ type: 'OfferingUnavailable', instance_type, zone, spot, code, until: now + growing(known, now) }];
}

// These name what was asked for, not what is left of it: they do not pass with the hour.
const ofTheRequest = /^Invalid/;

/**
 * As `unavailable`. A request that is refused for what it asks (the account is limited to free-tier types, the image does
 * not boot there) is refused in all zones alike: after the second zone the type is not asked for in the others.
 */
function refusedOffering(
  fleet: CloudMemory,
  offer: OfferTerms,
  refusal: Refusal,
  now: Instant,
): RefusalEvent[] {
  const { code } = refusal;
  const { instance_type, spot } = offer;
  const events = unavailable(fleet, offer, code, now);
  const lasts = refusal.class === 'unclassified' || ofTheRequest.test(code);
  const elsewhere = fleet.unavailable.some(
    (one) => one.code === code && sameType(one, offer) && one.zone !== offer.zone && isRecent(one, now),
  );
  if (!lasts || !elsewhere) return events;
  return [...events, { type: 'TypeUnavailable', instance_type, spot, code, until: now + LONGEST }];
}

/** Addresses are freed as capacity is; any other type would find none there either. */
export function zoneUnavailable(
  fleet: CloudMemory,
  zone: string,
  code: string,
  now: Instant,
): RefusalEvent[] {
  const known = fleet.zones.find((one) => one.zone === zone);
  return [{ type: 'ZoneUnavailable', zone, code, until: now + growing(known, now) }];
}

const LONGEST = 30 * MINUTE;
const growing = (known: { until: Instant; times: number } | undefined, now: Instant): number =>
  Math.min(LONGEST, 3 * MINUTE * 1.5 ** (isRecent(known, now) ? (known?.times ?? 0) : 0));

// Counted by other things than vCPUs, whichever the family. `Client.`: told by the instance's end, not by its launch.
const forEveryFamily = /^(?:Client\.)?(VolumeLimit|MaxIOPSLimit|NetworkInterfaceLimit)Exceeded$/;

/**
 * Held until instances of the family have ended: `quotaHolds` sees to that. With none that could end, for a minute;
 * else asked again within half an hour, since the account may have been given more.
 * `fleet` has given back the place of what was refused.
 */
export function quotaExhausted(
  fleet: FleetState,
  others: readonly FleetMemory[],
  offer: OfferTerms,
  code: string,
  now: Instant,
): RefusalEvent[] {
  const family = forEveryFamily.test(code) ? 'all' : quotaFamily(offer.instance_type);
  const { spot } = offer;
  const in_use = inUse([memoryOf(fleet), ...others], { family, spot });
  const until = now + (in_use.instances === 0 ? MINUTE : LONGEST);
  const vcpus = family === 'all' ? 0 : offer.resources.cpus;
  return [{ type: 'QuotaExhausted', family, spot, vcpus, in_use, code, until }];
}

/** 1, 2.5, 4.75 … 60 s while throttles repeat. Launches under way together are throttled together: that is one. */
export function launchesThrottled({ throttle }: CloudMemory, code: string, now: Instant): RefusalEvent[] {
  if (throttle && throttle.until > now) return [];
  const times = throttle && isRecent(throttle, now) ? throttle.times : 0;
  const seconds = Math.min(60, 1 + 3 * (1.5 ** times - 1));
  return [{ type: 'LaunchesThrottled', code, until: now + seconds * SECOND }];
}

/** News only where something like it was refused before. */
export function launchSucceeded(fleet: CloudMemory, offer: OfferTerms, now: Instant): RefusalEvent[] {
  const { instance_type, zone, spot } = offer;
  const left = outdated(fleet, offer, now);
  const same =
    left.unavailable.length === fleet.unavailable.length &&
    left.types.length === fleet.types.length &&
    left.zones.length === fleet.zones.length &&
    left.quotas.length === fleet.quotas.length &&
    left.throttle === fleet.throttle;
  return same ? [] : [{ type: 'LaunchSucceeded', instance_type, zone, spot }];
}

/** What a fleet learns from a refused launch, by its class. */
export function lesson(
  fleet: FleetState,
  others: readonly FleetMemory[],
  offer: OfferTerms,
  refusal: Refusal,
  now: Instant,
): RefusalEvent[] {
  switch (refusal.class) {
    case 'quota':
      return quotaExhausted(fleet, others, offer, refusal.code, now);
    case 'network':
      return zoneUnavailable(fleet, offer.zone, refusal.code, now);
    case 'capacity':
    case 'boot':
    case 'unclassified':
      return refusedOffering(fleet, offer, refusal, now);
    case 'fatal':
      return [];
  }
}
