import { paidUntil } from '../fleet/budget.ts';
import { toLaunch } from '../fleet/decide.ts';
import { type Amounts, type Room, shortOf } from '../fleet/room.ts';
import type { FleetState } from '../fleet/state.ts';
import { termsFor } from '../fleet/terms.ts';
import type { Wait } from '../job/events.ts';
import type { JobState } from '../job/state.ts';
import type { InstanceId } from '../kernel/ids.ts';
import type { Instant } from '../kernel/instant.ts';
import type { Terms } from '../planning/context.ts';
import type { OfferTerms } from '../planning/offer.ts';
import type { Requirements } from '../planning/requirements.ts';
import type { Pooled } from './schedule.ts';

/** What the pass asks of the planner. */
export interface Placing {
  /** The cheapest of these instances that fits. */
  onIdle(
    requirements: Requirements,
    instances: readonly Pooled[],
    terms: Terms | null,
  ): InstanceId | undefined;
  /** The best offer that can be launched, or why there is none. */
  byLaunch(
    requirements: Requirements,
    fleet: FleetState | undefined,
    now: Instant,
    terms: Terms | null,
  ): LaunchAnswer;
}

export type LaunchAnswer =
  | { readonly kind: 'offer'; readonly offer: OfferTerms }
  /** Something fits, but the account's quota is used up until then. */
  | { readonly kind: 'quota'; readonly message: string; readonly until: Instant }
  /** Nothing is left to try, or nothing ever fitted. */
  | { readonly kind: 'none'; readonly why: Lack; readonly message: string };

/** Capacity may come back; what never fits stays as it is. */
export type Lack = 'no_capacity' | 'never_fits';

export type Verdict =
  | { readonly kind: 'launch'; readonly offer: OfferTerms; readonly takes: Amounts }
  | { readonly kind: 'wait'; readonly wait: Wait; readonly until: Instant | null }
  | { readonly kind: 'hopeless'; readonly why: Lack; readonly message: string };

/** As many offers as dstack tries for one submission before it gives up. */
const OFFERS_TRIED = 25;

/** What becomes of a job that no idle instance fits. */
export function placing(
  place: Placing,
  job: JobState,
  {
    pool,
    room,
    fleet,
    now,
  }: {
    pool: readonly Pooled[];
    room: Room;
    fleet: FleetState | undefined;
    now: Instant;
  },
): Verdict {
  if (job.creation_policy === 'reuse') return reuseOnly(place, job, pool, fleet);
  const last = job.refusals.at(-1)?.refusal;
  if (last && job.refusals.length >= OFFERS_TRIED)
    return {
      kind: 'hopeless',
      why: 'no_capacity',
      message: `${OFFERS_TRIED} offers were refused; the last: ${last.code}: ${last.message}`,
    };
  const answer = place.byLaunch(job.requirements, fleet, now, termsFor(fleet, job));
  switch (answer.kind) {
    case 'none':
      return {
        kind: 'hopeless',
        why: last ? 'no_capacity' : answer.why,
        message: last ? `${answer.message}; the last refusal: ${last.code}` : answer.message,
      };
    case 'quota':
      return { kind: 'wait', wait: { kind: 'quota', message: answer.message }, until: answer.until };
    case 'offer': {
      const takes = toLaunch(fleet, answer.offer, { from: now, until: paidUntil(job, 'launch', now) });
      const short = shortOf(room, takes);
      return short === null ? { kind: 'launch', offer: answer.offer, takes } : fullFleet(short);
    }
  }
}

function reuseOnly(
  place: Placing,
  job: JobState,
  pool: readonly Pooled[],
  fleet: FleetState | undefined,
): Verdict {
  const alive = pool.filter(
    ({ state: { phase, withheld } }) =>
      phase.kind !== 'terminating' && phase.kind !== 'terminated' && withheld?.behavior !== 'drain',
  );
  if (place.onIdle(job.requirements, alive, termsFor(fleet, job)) === undefined)
    return {
      kind: 'hopeless',
      why: 'no_capacity',
      message: `no instance of fleet ${job.fleet} fits, and creation_policy is reuse`,
    };
  return {
    kind: 'wait',
    wait: { kind: 'busy_instances', message: 'the instances that fit are busy, or held' },
    until: null,
  };
}

export const fullFleet = (message: string) => ({
  kind: 'wait' as const,
  wait: { kind: 'fleet_limit' as const, message },
  until: null,
});
