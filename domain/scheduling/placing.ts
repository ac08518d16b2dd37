import { paidUntil } from '../fleet/budget.ts';
import { toLaunch } from '../fleet/decide.ts';
import { type Amounts, NOTHING, type Room, shortOf, taking } from '../fleet/room.ts';
import type { FleetState } from '../fleet/state.ts';
import type { Wait } from '../job/events.ts';
import type { JobState } from '../job/state.ts';
import { type Instant, iso, MINUTE, SECOND } from '../kernel/instant.ts';
import type { Terms } from '../planning/context.ts';
import type { OfferTerms } from '../planning/offer.ts';
import type { Requirements } from '../planning/requirements.ts';
import type { Cut } from '../planning/share.ts';
import type { Conditions } from './conditions.ts';
import type { Missing } from './make-room.ts';
import type { Pooled } from './schedule.ts';
import type { Shared } from './shared-stock.ts';

/** What a job asks for, within what its fleet lets in; `null`: anything. */
export interface Asked {
  readonly requirements: Requirements;
  readonly terms: Terms | null;
}

/** What the pass asks of the planner. */
export interface Placing {
  /** One and the same for all who ask for the same. */
  sameFor(asked: Asked): object;
  /** Whether such a job can run on this instance, or on blocks of it. */
  fits(asked: Asked, instance: Pooled): boolean;
  /** The fewest blocks of this that such a job can run on; `undefined`: all of them would not do. */
  blocks(asked: Asked, shared: Shared): number | undefined;
  /** Where anything fits that could be launched. */
  zones(asked: Asked): readonly string[];
  /** Whether an instance at this price is too dear for such a job, while something cheaper can be launched. */
  tooDear(price: number, offer: OfferTerms): boolean;
  /** The best offer that can be launched, or why there is none. */
  byLaunch(asked: Asked, conditions: Conditions): LaunchAnswer;
}

export type LaunchAnswer =
  | { readonly kind: 'offer'; readonly offer: OfferTerms; readonly cut: Cut }
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
  | { readonly kind: 'launch'; readonly offer: OfferTerms; readonly cut: Cut; readonly takes: Amounts }
  | {
      readonly kind: 'wait';
      readonly wait: Wait;
      readonly until: Instant | null;
      /** What the end of an idle instance would give it. */
      readonly lacks: Missing | null;
    }
  | { readonly kind: 'hopeless'; readonly why: Lack; readonly message: string };

/** What there is for a job at its turn. */
export interface Turn {
  readonly pool: readonly Pooled[];
  readonly fleet: FleetState | undefined;
  /** What the fleet's limits leave. */
  readonly room: Room;
  /** Places of those who are to be launched as soon as launches may be made. */
  readonly soon: number;
  /** Places that are kept for jobs of higher priority. */
  readonly kept: number;
  /** How many more launches may be under way, and at most. */
  readonly launches: { readonly left: number; readonly most: number };
  readonly conditions: Conditions;
  readonly now: Instant;
}

/** As many offers as dstack tries for one submission before it gives up. */
const OFFERS_TRIED = 25;

/** What becomes of a job that no idle instance fits. */
export function placing(place: Placing, job: JobState, asked: Asked, turn: Turn): Verdict {
  if (job.creation_policy === 'reuse') return reuseOnly(place, job, asked, turn.pool);
  // For quota it waits, as long as it takes: that is no attempt.
  const attempts = job.refusals.filter(({ refusal }) => refusal.class !== 'quota');
  const last = attempts.at(-1)?.refusal;
  if (last && attempts.length >= OFFERS_TRIED)
    return {
      kind: 'hopeless',
      why: 'no_capacity',
      message: `${OFFERS_TRIED} offers were refused; the last: ${last.code}: ${last.message}`,
    };
  const answer = place.byLaunch(asked, turn.conditions);
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
        lacks: answer.quotas.length > 0 ? { of: 'quota', quotas: answer.quotas } : null,
      };
    case 'capacity':
      return waiting('capacity', answer.message, answer.until);
    case 'offer':
      return withinLimits(job, answer, turn);
  }
}

/** What lasts is said before what passes: a throttle is news only to those who would be launched now. */
function withinLimits(
  job: JobState,
  { offer, cut }: Extract<LaunchAnswer, { kind: 'offer' }>,
  { fleet, room, soon, kept, launches, conditions: { throttle }, now }: Turn,
): Verdict {
  const takes = toLaunch(fleet, offer, { from: now, until: paidUntil(job, 'launch', now) });
  const full = shortOf(room, takes);
  if (full !== null) return fullFleet(full);
  const most = room.limits.instances ?? Number.POSITIVE_INFINITY;
  const after = taking(room, { ...NOTHING, instances: soon });
  const short = shortOf(after, takes);
  if (short !== null) return waiting('fleet_limit', short, null);
  if (most - after.used.instances <= kept)
    return waiting(
      'fleet_limit',
      `the fleet's last places, of ${most}, are kept for jobs of higher priority`,
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
  return { kind: 'launch', offer, cut, takes };
}

export type Waits = Extract<Verdict, { kind: 'wait' }>;

const waiting = (kind: Wait['kind'], message: string, until: Instant | null): Waits => ({
  kind: 'wait',
  wait: { kind, message },
  until,
  lacks: null,
});

/** An idle instance that goes makes room. */
export const fullFleet = (message: string): Waits => ({
  ...waiting('fleet_limit', message, null),
  lacks: { of: 'places' },
});

function reuseOnly(place: Placing, job: JobState, asked: Asked, pool: readonly Pooled[]): Verdict {
  const alive = pool.filter(
    ({ state: { phase, withheld } }) =>
      phase.kind !== 'terminating' && phase.kind !== 'terminated' && withheld?.behavior !== 'drain',
  );
  if (!alive.some((instance) => place.fits(asked, instance)))
    return {
      kind: 'hopeless',
      why: 'no_capacity',
      message:
        job.requirements.instances === null
          ? `no instance of fleet ${job.fleet} fits, and creation_policy is reuse`
          : `of the instances that it names, none is there and fits`,
    };
  return waiting('busy_instances', 'the instances that fit are busy, or held', null);
}
