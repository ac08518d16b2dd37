import type { Instant } from '../kernel/instant.ts';
import type { OfferTerms } from '../planning/offer.ts';
import { quotaFamily } from '../planning/quota.ts';
import {
  type CloudMemory,
  inUse,
  isRecent,
  memoryOf,
  type ReachedQuota,
  type UnavailableOffering,
} from './memory.ts';
import type { RefusalEvent } from './refusal-events.ts';
import type { Reservation } from './state.ts';

type Remembering = CloudMemory & { readonly reservations: readonly Reservation[] };

/** A fleet's memory of the cloud's refusals, after one more of them or a success. */
export function remember(fleet: Remembering, event: RefusalEvent, at: Instant): CloudMemory {
  const { unavailable, types, zones, quotas, throttle } = fleet;
  const memory: CloudMemory = { unavailable, types, zones, quotas, throttle };
  switch (event.type) {
    case 'OfferingUnavailable': {
      const { type: _, ...offering } = event;
      const [known, others] = apart(unavailable, at, (one) => sameOffering(one, event));
      return { ...memory, unavailable: [...others, { ...offering, times: (known?.times ?? 0) + 1 }] };
    }
    case 'TypeUnavailable': {
      const { type: _, ...refused } = event;
      const [, others] = apart(types, at, (one) => sameType(one, event));
      return { ...memory, types: [...others, refused] };
    }
    case 'ZoneUnavailable': {
      const { type: _, ...zone } = event;
      const [known, others] = apart(zones, at, (one) => one.zone === event.zone);
      return { ...memory, zones: [...others, { ...zone, times: (known?.times ?? 0) + 1 }] };
    }
    case 'QuotaReached':
    case 'QuotaExhausted': {
      const { type: _, ...reached } = event;
      const [known, others] = apart(quotas, at, (one) => sameQuota(one, event));
      const in_use = event.type === 'QuotaExhausted' ? event.in_use : inUse([memoryOf(fleet)], event);
      return { ...memory, quotas: [...others, { ...reached, in_use, since: known?.since ?? at }] };
    }
    case 'LaunchesThrottled': {
      const { code, until } = event;
      const times = throttle && isRecent(throttle, at) ? throttle.times : 0;
      return { ...memory, throttle: { code, until, times: times + 1 } };
    }
    case 'LaunchSucceeded':
      return outdated(memory, event, at);
  }
}

/** What a launch that succeeds disproves: refusals of its like whose time is over. What is in force came after it. */
export function outdated(memory: CloudMemory, offer: Offering, at: Instant): CloudMemory {
  const { unavailable, types, zones, quotas, throttle } = memory;
  const over = ({ until }: { until: Instant }) => until <= at;
  return {
    // That a machine was never ready says its agent, not EC2: launching it proves nothing.
    unavailable: unavailable.filter(
      (one) => !(sameOffering(one, offer) && over(one) && one.code !== NEVER_READY),
    ),
    types: types.filter((one) => !(sameType(one, offer) && over(one))),
    zones: zones.filter((one) => !(one.zone === offer.zone && over(one))),
    quotas: quotas.filter((one) => !(over(one) && concerns(one, offer))),
    throttle: throttle && over(throttle) ? null : throttle,
  };
}

export const NEVER_READY = 'NeverReady';

type Offering = Pick<OfferTerms, 'instance_type' | 'zone' | 'spot'>;

export const sameOffering = (a: Offering | UnavailableOffering, b: Offering): boolean =>
  a.instance_type === b.instance_type && a.zone === b.zone && a.spot === b.spot;

export const sameType = (
  a: Pick<Offering, 'instance_type' | 'spot'>,
  b: Pick<Offering, 'instance_type' | 'spot'>,
): boolean => a.instance_type === b.instance_type && a.spot === b.spot;

const sameQuota = (a: Pick<ReachedQuota, 'family' | 'spot'>, b: Pick<ReachedQuota, 'family' | 'spot'>) =>
  a.family === b.family && a.spot === b.spot;

const concerns = ({ family, spot }: ReachedQuota, offer: Offering): boolean =>
  spot === offer.spot && (family === 'all' || family === quotaFamily(offer.instance_type));

/** The one that is meant, if it still counts, and those others that do. */
function apart<T extends { until: Instant }>(
  all: readonly T[],
  at: Instant,
  is: (one: T) => boolean,
): [T | undefined, T[]] {
  const recent = all.filter((one) => isRecent(one, at));
  return [recent.find(is), recent.filter((one) => !is(one))];
}
