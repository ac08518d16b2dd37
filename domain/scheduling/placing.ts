import type { Wait } from '../job/events.ts';
import type { JobState } from '../job/state.ts';
import { type Instant, iso, MINUTE, SECOND } from '../kernel/instant.ts';
import type { OfferTerms } from '../planning/offer.ts';
import type { Requirements } from '../planning/requirements.ts';
import type { Conditions } from './conditions.ts';
import type { Pooled } from './schedule.ts';

/** What the pass asks of the planner. */
export interface Placing {
  /** One and the same for all who ask for the same. */
  sameFor(requirements: Requirements): object;
  /** Whether such a job can run on this instance. */
  fits(requirements: Requirements, instance: Pooled): boolean;
  /** Whether an instance at this price is too dear for such a job, while something cheaper can be launched. */
  tooDear(price: number, offer: OfferTerms): boolean;
  /** The best offer that can be launched, or why there is none. */
  byLaunch(requirements: Requirements, conditions: Conditions): LaunchAnswer;
}

export type LaunchAnswer =
  | { readonly kind: 'offer'; readonly offer: OfferTerms }
  /** Something fits, but the account's quota is used up; `quotas` are those it waits for. */
  | {
      readonly kind: 'quota';
      readonly message: string;
      readonly until: Instant;
      readonly quotas: readonly string[];
    }
  /** Something fits, but what is not much too dear is not to be had. */
  | { readonly kind: 'capacity'; readonly message: string; readonly until: Instant }
  /** Nothing is left to try, or nothing ever fitted. */
  | { readonly kind: 'none'; readonly why: Lack; readonly message: string };

/** Capacity may come back; what never fits stays as it is. */
export type Lack = 'no_capacity' | 'never_fits';

export type Verdict =
  | { readonly kind: 'launch'; readonly offer: OfferTerms }
  | {
      readonly kind: 'wait';
      readonly wait: Wait;
      readonly until: Instant | null;
      readonly quotas: readonly string[];
    }
  | { readonly kind: 'hopeless'; readonly why: Lack; readonly message: string };

/** What there is for a job at its turn. */
export interface Turn {
  readonly pool: readonly Pooled[];
  /** Places under the fleet's limit, and how many of those are kept for jobs of higher priority. */
  readonly places: number;
  readonly kept: number;
  readonly limit: number;
  /** How many more launches may be under way, and at most. */
  readonly launches: { readonly left: number; readonly most: number };
  readonly conditions: Conditions;
  readonly now: Instant;
}

/** As many offers as dstack tries for one submission before it gives up. */
const OFFERS_TRIED = 25;

/** What becomes of a job that no idle instance fits. */
export function placing(place: Placing, job: JobState, turn: Turn): Verdict {
  if (job.creation_policy === 'reuse') return reuseOnly(place, job, turn.pool);
  // For quota it waits, as long as it takes: that is no attempt.
  const attempts = job.refusals.filter(({ refusal }) => refusal.class !== 'quota');
  const last = attempts.at(-1)?.refusal;
  if (last && attempts.length >= OFFERS_TRIED)
    return {
      kind: 'hopeless',
      why: 'no_capacity',
      message: `${OFFERS_TRIED} offers were refused; the last: ${last.code}: ${last.message}`,
    };
  const answer = place.byLaunch(job.requirements, turn.conditions);
  if (answer.kind === 'none')
    return {
      kind: 'hopeless',
      why: last ? 'no_capacity' : answer.why,
      message: last ? `${answer.message}; the last refusal: ${last.code}` : answer.message,
    };
  switch (answer.kind) {
    case 'quota':
      // It may end sooner, with an instance of any fleet: nobody else would ring.
      return {
        ...waiting('quota', answer.message, Math.min(answer.until, turn.now + MINUTE)),
        quotas: answer.quotas,
      };
    case 'capacity':
      return waiting('capacity', answer.message, answer.until);
    case 'offer':
      return withinLimits(answer.offer, turn);
  }
}

/** What lasts is said before what passes: a throttle is news only to those who would be launched now. */
function withinLimits(
  offer: OfferTerms,
  { places, kept, limit, launches, conditions: { throttle }, now }: Turn,
): Verdict {
  if (places <= 0) return waiting('fleet_limit', `the fleet has its ${limit} instances, all busy`, null);
  if (places <= kept)
    return waiting(
      'fleet_limit',
      `the fleet's last places, of ${limit}, are kept for jobs of higher priority`,
      null,
    );
  if (throttle)
    return waiting(
      'throttled',
      `EC2 throttles launches (${throttle.code}): throttled until ${iso(throttle.until)}`,
      throttle.until,
    );
  if (launches.left <= 0)
    return waiting(
      'throttled',
      `${launches.most} launches are under way, as many as are made at once`,
      // The first of those who wait for it looks again soon, for all of them.
      launches.left === 0 ? now + 5 * SECOND : null,
    );
  return { kind: 'launch', offer };
}

const waiting = (
  kind: Wait['kind'],
  message: string,
  until: Instant | null,
): Extract<Verdict, { kind: 'wait' }> => ({ kind: 'wait', wait: { kind, message }, until, quotas: [] });

function reuseOnly(place: Placing, job: JobState, pool: readonly Pooled[]): Verdict {
  const alive = pool.filter(
    ({ state: { phase, withheld } }) =>
      phase.kind !== 'terminating' && phase.kind !== 'terminated' && withheld?.behavior !== 'drain',
  );
  if (!alive.some((instance) => place.fits(job.requirements, instance)))
    return {
      kind: 'hopeless',
      why: 'no_capacity',
      message: `no instance of fleet ${job.fleet} fits, and creation_policy is reuse`,
    };
  return waiting('busy_instances', 'the instances that fit are busy, or held', null);
}
