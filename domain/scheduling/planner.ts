import type { FleetState } from '../fleet/state.ts';
import type { InstanceId } from '../kernel/ids.ts';
import type { Instant } from '../kernel/instant.ts';
import { iso } from '../kernel/instant.ts';
import type { PlanContext, QuotaHold } from '../planning/context.ts';
import type { IdleOffer, OfferTerms } from '../planning/offer.ts';
import { type Plan, planOffers } from '../planning/plan.ts';
import type { PreparedCatalogue } from '../planning/prepared.ts';
import type { LaunchAnswer, Placing } from './placing.ts';
import type { Pooled } from './schedule.ts';

/** The planner as one pass uses it. Jobs that ask for the same are answered from one plan. */
export function plannerOver(catalogue: PreparedCatalogue, zones: readonly string[] | null): Placing {
  const launches = new Map<string, LaunchAnswer>();
  const nothingToLaunch = { ...catalogue, ranked: [] };
  return {
    onIdle(requirements, instances, terms) {
      if (instances.length === 0) return undefined;
      const context = { ...contextOf(undefined, zones, 0), idle: instances.map(idleOffer), terms };
      const [best] = planOffers(nothingToLaunch, requirements, context).offers;
      return best?.availability === 'idle' ? (best.instance as InstanceId) : undefined;
    },
    byLaunch(requirements, fleet, now, terms) {
      const key = JSON.stringify([requirements, terms]);
      const known = launches.get(key);
      if (known) return known;
      const context = { ...contextOf(fleet, zones, now), terms };
      const answer = answerOf(planOffers(catalogue, requirements, context), fleet, now);
      launches.set(key, answer);
      return answer;
    },
  };
}

/** What a fleet remembers, in the planner's terms. */
export function contextOf(
  fleet: FleetState | undefined,
  zones: readonly string[] | null,
  now: Instant,
): PlanContext {
  return {
    now,
    idle: [],
    unavailable: fleet?.unavailable.filter(({ until }) => until > now) ?? [],
    quota: fleet?.quotas.filter(({ until }) => until > now).map((held) => held as QuotaHold) ?? [],
    zones,
    terms: null,
    limit: 1,
  };
}

export const idleOffer = ({ id, state }: Pooled): IdleOffer => ({
  ...state.offer,
  availability: 'idle',
  instance: id,
});

function termsOf(offer: OfferTerms): OfferTerms {
  const { instance_type, region, zone, spot, price, resources } = offer;
  return { instance_type, region, zone, spot, price, resources };
}

function answerOf(plan: Plan, fleet: FleetState | undefined, now: Instant): LaunchAnswer {
  const [best] = plan.offers;
  if (best) return { kind: 'offer', offer: termsOf(best) };
  const held = fleet?.quotas.filter(({ until }) => until > now) ?? [];
  const quota = plan.rejected.find(({ reason }) => reason === 'quota');
  if (quota && held.length > 0) {
    const until = Math.min(...held.map((one) => one.until));
    const codes = [...new Set(held.map(({ code }) => code))].join(', ');
    return {
      kind: 'quota',
      message: `the account's quota is used up (${codes}); asked again at ${iso(until)}`,
      until,
    };
  }
  const seen = plan.rejected.some(({ reason }) => reason === 'capacity');
  return { kind: 'none', why: seen ? 'no_capacity' : 'never_fits', message: whyNone(plan) };
}

/** `no offer fits: …` with the reasons that shut out the most, and the nearest offers. */
function whyNone(plan: Plan): string {
  const seen = plan.rejected.find(({ reason }) => reason === 'capacity');
  const reasons = plan.rejected.map(({ reason, count }) => `${count} ${reason}`).join(', ');
  const nearest = plan.nearest.slice(0, 3).map(({ offer, missing }) => {
    const lacks = missing.map(({ reason, asked, has }) => `${reason} ${has}, asked ${asked}`).join(', ');
    return `${offer.instance_type} in ${offer.zone} (${offer.spot}, $${offer.price}/h: ${lacks})`;
  });
  const head = seen ? `no capacity for what fits` : `no offer fits`;
  return [
    `${head} (of ${plan.considered}: ${reasons})`,
    ...(nearest.length ? [`nearest: ${nearest.join('; ')}`] : []),
  ].join('; ');
}
