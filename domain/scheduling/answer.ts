import type { Hold } from '../fleet/holds.ts';
import { dollars } from '../kernel/dollars.ts';
import { type Instant, iso } from '../kernel/instant.ts';
import type { Candidate } from '../planning/candidate.ts';
import type { Unavailable } from '../planning/context.ts';
import type { Fitting } from '../planning/fitting.ts';
import { holdsBack, lookUp } from '../planning/launch-rules.ts';
import type { Market } from '../planning/offer.ts';
import type { Requirements } from '../planning/requirements.ts';
import { type Conditions, quotaOf } from './conditions.ts';
import type { LaunchAnswer } from './planner.ts';

type Answer =
  | { readonly kind: 'candidate'; readonly candidate: Candidate }
  | { readonly kind: 'none' }
  | Extract<LaunchAnswer, { kind: 'quota' | 'capacity' }>;

/** Why offers that fit and are not too dear cannot be launched now. */
interface Obstacles {
  readonly holds: Set<Hold>;
  readonly kept: Set<string>;
  readonly unavailable: Set<Unavailable>;
}

/**
 * The cheapest that can be launched now, of those whose price is within the factor of the cheapest that fits: what is
 * refused today is waited for rather than paid twice over. Spot and on-demand have a cheapest each, as they are further
 * apart than that.
 */
export function answerFor(
  fitting: Fitting,
  conditions: Conditions,
  policy: Requirements['spot_policy'],
  priceFactor: number,
): Answer {
  const refused = refusedUnder(conditions);
  const cheapest = new Map<Market, number>();
  const closed = new Set<Market>();
  const met: Obstacles = { holds: new Set(), kept: new Set(), unavailable: new Set() };
  for (let n = 0; closed.size < (policy === 'auto' ? 2 : 1); n++) {
    const candidate = fitting.launch(n);
    if (candidate === undefined) break;
    const { spot, price } = candidate;
    const least = cheapest.get(spot) ?? price;
    cheapest.set(spot, least);
    if (price > priceFactor * least) closed.add(spot);
    else if (isFree(candidate, conditions, refused, met)) return { kind: 'candidate', candidate };
  }
  return obstacle(met, closed.size > 0, priceFactor, Math.min(...cheapest.values()));
}

// Made once for all the requests of a pass.
const lookUps = new WeakMap<Conditions, ReturnType<typeof lookUp>>();
function refusedUnder(conditions: Conditions): ReturnType<typeof lookUp> {
  const known = lookUps.get(conditions) ?? lookUp(conditions.unavailable);
  lookUps.set(conditions, known);
  return known;
}

function isFree(
  candidate: Candidate,
  { holds, kept }: Conditions,
  refused: ReturnType<typeof lookUp>,
  met: Obstacles,
): boolean {
  const hold = holds.find((one) => holdsBack(one, candidate));
  const unavailable = refused(candidate);
  const quota = quotaOf({ family: candidate.machine.quota, spot: candidate.spot });
  if (hold) met.holds.add(hold);
  else if (unavailable) met.unavailable.add(unavailable);
  else if (kept.has(quota) || kept.has(quotaOf({ family: 'all', spot: candidate.spot }))) met.kept.add(quota);
  else return true;
  return false;
}

function obstacle(met: Obstacles, dearerLeft: boolean, priceFactor: number, cheapest: number): Answer {
  const { holds, kept, unavailable } = met;
  if (kept.size > 0)
    return {
      kind: 'quota',
      message: `what is left of the account's quota (${[...kept].join(', ')}) is kept for a job of higher priority`,
      until: Number.POSITIVE_INFINITY,
      quotas: [],
    };
  if (holds.size > 0) {
    const [...held] = holds;
    return {
      kind: 'quota',
      message: held.map(quotaMessage).join('; '),
      until: Math.min(...held.map(({ until }) => until)),
      quotas: held.map(quotaOf),
    };
  }
  if (unavailable.size === 0 || !dearerLeft) return { kind: 'none' };
  const codes = [...new Set([...unavailable].map(({ code }) => code))].sort().join(', ');
  return {
    kind: 'capacity',
    message: `no capacity (${codes}) for what costs up to ${priceFactor} times the cheapest that fits, ${dollars(cheapest)}/h`,
    until: Math.min(...[...unavailable].map(({ until }): Instant => until)),
  };
}

const quotaMessage = ({ family, spot, code, since }: Hold): string =>
  `the account's quota of ${family === 'all' ? 'all' : `'${family}'`} ${spot} instances is used up: ` +
  `${code} since ${iso(since)}`;
