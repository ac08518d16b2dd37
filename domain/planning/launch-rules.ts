import type { Candidate } from './candidate.ts';
import type { PlanContext, QuotaHold, Unavailable } from './context.ts';
import { imageNeeded } from './image.ts';
import type { Market } from './offer.ts';
import type { Site } from './prepared.ts';
import type { Rule } from './rule.ts';

type LaunchRules = Record<'launchable' | 'image' | 'subnet' | 'quota' | 'capacity', Rule | null>;

/** What keeps an offer from being launched here and now, whatever was asked. */
export function launchRules(context: PlanContext, site: Site): LaunchRules {
  return {
    launchable: {
      reason: 'not_launchable',
      of: 'launch',
      gap: ({ machine }) => (machine.launch === 'shared tenancy' ? 0 : 20),
      asked: 'shared tenancy, 64-bit',
      has: ({ machine }) => machine.launch,
    },
    image: {
      reason: 'image',
      of: 'launch',
      // Nearer than a type of another name: one that was asked for says why it is not to be had.
      gap: ({ machine }) => (site.images.has(machine.image) ? 0 : 1.5),
      asked: 'an image that it boots from',
      has: ({ machine }) => `no image ${imageNeeded(machine.image)}`,
    },
    subnet: subnetRule(context),
    quota: quotaRule(context),
    capacity: capacityRule(context),
  };
}

function subnetRule({ zones }: PlanContext): Rule | null {
  if (zones === null) return null;
  const set = new Set(zones);
  return {
    reason: 'no_subnet',
    of: 'launch',
    gap: ({ zone }) => (set.has(zone) ? 0 : 5),
    asked: zones.join(', '),
    has: ({ zone }) => zone,
  };
}

function quotaRule({ quota, now }: PlanContext): Rule | null {
  const holds = quota.filter(({ until }) => until === null || until > now);
  if (holds.length === 0) return null;
  const refused = (candidate: Candidate) => holds.find((hold) => holdsBack(hold, candidate));
  return {
    reason: 'quota',
    of: 'launch',
    gap: (candidate) => (refused(candidate) ? 2 : 0),
    asked: 'a quota with room',
    has: (candidate) => {
      const hold = refused(candidate);
      return hold ? `${hold.code} for ${hold.family} ${hold.spot}${again(hold.until)}` : 'room';
    },
  };
}

export const holdsBack = ({ family, spot, vcpus }: QuotaHold, candidate: Candidate): boolean =>
  spot === candidate.spot &&
  (family === 'all' || family === candidate.machine.quota) &&
  candidate.machine.vcpus >= vcpus;

function capacityRule({ unavailable, now }: PlanContext): Rule | null {
  const seen = unavailable.filter(({ until }) => until > now);
  if (seen.length === 0) return null;
  const refused = lookUp(seen);
  return {
    reason: 'capacity',
    of: 'launch',
    gap: (candidate) => (refused(candidate) ? 1 : 0),
    asked: 'capacity',
    has: (candidate) => {
      const refusal = refused(candidate);
      return refusal ? `${refusal.code}${again(refusal.until)}` : 'capacity';
    },
  };
}

/** Whichever of these says that a candidate is not to be had. */
export function lookUp<T extends Unavailable>(seen: readonly T[]): (candidate: Candidate) => T | undefined {
  const ofType = Map.groupBy(seen, ({ instance_type }) => instance_type);
  const ofAll = ofType.get(null);
  const isOf = (zone: string, spot: Market) => (one: T) =>
    (one.zone === null || one.zone === zone) && (one.spot === null || one.spot === spot);
  return ({ machine, zone, spot }) =>
    ofType.get(machine.name)?.find(isOf(zone, spot)) ?? ofAll?.find(isOf(zone, spot));
}

const again = (until: number | null): string =>
  until === null ? '' : `, asked again after ${new Date(until).toISOString()}`;
