import type { Instant } from '../kernel/instant.ts';
import type { QuotaHold } from '../planning/context.ts';
import { type FleetMemory, inUse, type ReachedQuota } from './memory.ts';

/** A quota that keeps launches back, and since when. */
export interface Hold extends QuotaHold {
  readonly since: Instant;
  readonly until: Instant;
}

// These count instances; whatever their vCPUs, one that has ended makes room for one.
const byInstances =
  /^(?:Client\.)?(InstanceLimit|ResourceCount|RequestResourceCount|VolumeLimit|MaxIOPSLimit|NetworkInterfaceLimit)Exceeded$/;

/**
 * What may not be launched for want of quota, given what all fleets remember and use. Nothing of a family while as much
 * of it is in use as at the refusal; then what is less than was refused, all in all.
 */
export function quotaHolds(memories: readonly FleetMemory[], now: Instant): Hold[] {
  return memories
    .flatMap(({ quotas }) => quotas)
    .filter(({ until }) => until > now)
    .flatMap((quota) => hold(quota, memories));
}

function hold(quota: ReachedQuota, memories: readonly FleetMemory[]): Hold[] {
  const { spot, code, since, until, in_use } = quota;
  const family = quota.family as QuotaHold['family'];
  const now = inUse(memories, quota);
  const held = (vcpus: number): Hold[] => [{ family, spot, code, since, until, vcpus }];
  const roomMade = now.instances < in_use.instances || now.vcpus < in_use.vcpus;
  if (!roomMade) return held(0);
  return byInstances.test(code) ? [] : held(in_use.vcpus + quota.vcpus - now.vcpus);
}

/** Until when nobody may launch anything, by whichever fleet was told so last. */
export function throttleOf(
  memories: readonly Pick<FleetMemory, 'throttle'>[],
  now: Instant,
): { code: string; until: Instant } | null {
  const last = memories
    .flatMap(({ throttle }) => throttle ?? [])
    .toSorted((a, b) => b.until - a.until)
    .at(0);
  return last && last.until > now ? last : null;
}
