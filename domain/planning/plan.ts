import * as z from 'zod';
import { type Candidate, idleCandidate } from './candidate.ts';
import type { PlanContext } from './context.ts';
import { nearestOffers } from './nearest.ts';
import { type Market, Offer } from './offer.ts';
import { Origin, type PreparedCatalogue, pricedFor } from './prepared.ts';
import { NearOffer, Rejection } from './rejection.ts';
import type { Requirements } from './requirements.ts';
import type { Rule } from './rule.ts';
import { rulesOf } from './rules.ts';
import { pricedAs, speller } from './spell-out.ts';

/** The ranked offers for a request, and what became of the rest. Prices in $/h, totals in $. */
export const Plan = z
  .object({
    /** Best first: idle instances, but for those that are dear beside a launch, then by price. At most `limit` of the `total_offers` that fit. */
    offers: z.array(Offer),
    total_offers: z.int().nonnegative(),
    /** Everything looked at: `total_offers` and the counts of `rejected` add up to it. */
    considered: z.int().nonnegative(),
    /** The dearest offer that would be taken: what the run may cost at most. */
    max_offer_price: z.number().nullable(),
    /** For the whole of `max_duration`: on the first offer, and on the dearest that would be taken. */
    total_at_max_duration: z.object({ first: z.number(), dearest: z.number() }).nullable(),
    rejected: z.array(Rejection),
    /** What comes closest, when nothing fits. */
    nearest: z.array(NearOffer),
    /** A day or an instant, ISO 8601. */
    price_as_of: z.string(),
    spot_price_as_of: z.string().nullable(),
    /** A day, of the rates of disks, public addresses and CPU credits. */
    rates_as_of: z.string(),
    /** The catalogue that the offers are from: `shipped` with Sortie, or `refreshed` in this account since. */
    catalogue: z.object({ version: z.string(), origin: Origin }),
  })
  .meta({ id: 'Plan' });
export type Plan = z.infer<typeof Plan>;

/** Ranks what fits `requirements`, and accounts for everything that does not. */
export function planOffers(
  catalogue: PreparedCatalogue,
  requirements: Requirements,
  context: PlanContext,
): Plan {
  const { ranked: launches } = pricedFor(catalogue, pricedAs(requirements, context.terms));
  const rules = rulesOf(requirements, catalogue.site, context);
  const spell = speller(requirements, context.terms);
  const idle = context.idle.map(idleCandidate).sort(byPriceThenInstance);
  const idleSift = sift(
    idle,
    rules.filter((rule) => rule.of === 'any'),
  );
  const launchSift = sift(launches, rules);
  const fitting = ranked(idleSift.fitting, launchSift.fitting, context.price_factor);
  const dearest = dearestOf(idleSift.fitting, launchSift.fitting, context.launch_factor);
  return {
    offers: fitting.slice(0, context.limit).map((candidate) => spell(candidate, null)),
    total_offers: fitting.length,
    considered: idle.length + launches.length,
    max_offer_price: dearest,
    total_at_max_duration: totals(fitting[0]?.price ?? null, dearest, requirements.max_duration),
    rejected: rules.flatMap((rule) => rejection(rule, [idleSift, launchSift], spell)),
    nearest: fitting.length > 0 ? [] : nearestOffers([...idle, ...launches], rules, spell),
    price_as_of: catalogue.priceAsOf,
    spot_price_as_of: catalogue.spotAsOf,
    rates_as_of: catalogue.rates.asOf,
    catalogue: { version: catalogue.version, origin: catalogue.origin },
  };
}

const byPriceThenInstance = (a: Candidate, b: Candidate): number =>
  a.price - b.price || ((a.idle?.instance ?? '') < (b.idle?.instance ?? '') ? -1 : 1);

/** As a pass takes them: what is idle before a launch, unless that costs so much less, on the same market. */
function ranked(idle: Candidate[], launches: Candidate[], factor: number | null): Candidate[] {
  if (factor === null) return [...idle, ...launches];
  const inUse = ({ idle }: Candidate) => idle !== null && idle.blocks.free < idle.blocks.total;
  const isDear = (one: Candidate, { spot, price }: Candidate) =>
    !inUse(one) && one.spot === spot && one.price > factor * price;
  const before = Map.groupBy(idle, (one) => {
    const n = launches.findIndex((launch) => !isDear(one, launch));
    return n < 0 ? launches.length : n;
  });
  const rest = before.get(launches.length) ?? [];
  return [...launches.flatMap((launch, n) => [...(before.get(n) ?? []), launch]), ...rest];
}

/** What is taken at most: any idle instance, and of the offers to launch those near the cheapest of their market. */
function dearestOf(
  idle: readonly Candidate[],
  launches: readonly Candidate[],
  factor: number | null,
): number | null {
  const cheapest = new Map<Market, number>();
  let dearest: number | null = null;
  const take = (price: number) => {
    dearest = Math.max(dearest ?? 0, price);
  };
  for (const { price } of idle) take(price);
  for (const { spot, price } of launches) {
    const least = cheapest.get(spot) ?? price;
    cheapest.set(spot, least);
    if (factor === null || price <= factor * least) take(price);
  }
  return dearest;
}

type Sift = { fitting: Candidate[]; refused: ReadonlyMap<Rule, Refused> };
type Refused = { count: number; nearest: Candidate; gap: number };

function sift(candidates: readonly Candidate[], rules: readonly Rule[]): Sift {
  const fitting: Candidate[] = [];
  const refused = new Map<Rule, Refused>();
  for (const candidate of candidates) {
    let gap = 0;
    const rule = rules.find((rule) => (gap = rule.gap(candidate)) > 0);
    if (rule === undefined) {
      fitting.push(candidate);
      continue;
    }
    const before = refused.get(rule);
    if (before === undefined) {
      refused.set(rule, { count: 1, nearest: candidate, gap });
      continue;
    }
    before.count++;
    if (gap >= before.gap) continue;
    before.nearest = candidate;
    before.gap = gap;
  }
  return { fitting, refused };
}

function rejection(rule: Rule, sifts: readonly Sift[], spell: ReturnType<typeof speller>): Rejection[] {
  const all = sifts.flatMap((one) => one.refused.get(rule) ?? []);
  const [nearest] = all.toSorted((a, b) => a.gap - b.gap);
  if (nearest === undefined) return [];
  return [
    {
      reason: rule.reason,
      count: all.reduce((sum, { count }) => sum + count, 0),
      nearest: spell(nearest.nearest, rule.reason),
      asked: rule.asked,
      has: rule.has(nearest.nearest),
    },
  ];
}

function totals(
  first: number | null,
  dearest: number | null,
  seconds: number | null,
): Plan['total_at_max_duration'] {
  if (first === null || dearest === null || seconds === null) return null;
  const hours = seconds / 3600;
  return { first: first * hours, dearest: dearest * hours };
}
