import { paidUntil } from '../fleet/budget.ts';
import { toLaunch } from '../fleet/decide.ts';
import { NOTHING, shortOf, taking } from '../fleet/room.ts';
import type { JobState } from '../job/state.ts';
import { iso, MINUTE, SECOND } from '../kernel/instant.ts';
import type { Asked, LaunchAnswer, Planner } from './planner.ts';
import type { Turn } from './turn.ts';
import { fullFleet, type Hopeless, hopeless, type Launched, type Waits, waits } from './verdict.ts';

/** As many offers as dstack tries for one submission before it gives up. */
const OFFERS_TRIED = 25;

/** What becomes of a job that no idle instance is for. */
export function launching(
  planner: Planner,
  job: JobState,
  asked: Asked,
  turn: Turn,
): Launched | Waits | Hopeless {
  // For quota it waits, as long as it takes: that is no attempt.
  const attempts = job.refusals.filter(({ refusal }) => refusal.class !== 'quota');
  const last = attempts.at(-1)?.refusal;
  if (last && attempts.length >= OFFERS_TRIED)
    return hopeless(
      'no_capacity',
      `${OFFERS_TRIED} offers were refused; the last: ${last.code}: ${last.message}`,
    );
  const answer = planner.byLaunch(asked, turn.conditions);
  switch (answer.kind) {
    case 'hopeless':
      return last ? hopeless('no_capacity', `${answer.message}; the last refusal: ${last.code}`) : answer;
    case 'quota':
      // It may end sooner, with an instance of any fleet: nobody else would ring.
      return {
        ...waits('quota', answer.message, Math.min(answer.until, turn.now + MINUTE)),
        lacks: answer.quotas.length > 0 ? { of: 'quota', quotas: answer.quotas } : null,
      };
    case 'capacity':
      return waits('capacity', answer.message, answer.until);
    case 'elsewhere':
      // The last instance that ends frees the group for any zone.
      return { ...waits('busy_instances', answer.message), lacks: { of: 'places' } };
    case 'offer':
      return withinLimits(job, answer, turn);
  }
}

/** What lasts is said before what passes: a throttle is news only to those who would be launched now. */
function withinLimits(
  job: JobState,
  { offer, cut }: Extract<LaunchAnswer, { kind: 'offer' }>,
  { fleet, room, soon, kept, launches, conditions: { throttle }, now }: Turn,
): Launched | Waits {
  const takes = toLaunch(fleet, offer, {
    from: now,
    until: paidUntil(job, { launching: offer.instance_type }, now),
  });
  const full = shortOf(room, takes);
  if (full !== null) return fullFleet(full);
  const most = room.limits.instances ?? Number.POSITIVE_INFINITY;
  const after = taking(room, { ...NOTHING, instances: soon });
  const short = shortOf(after, takes);
  if (short !== null) return waits('fleet_limit', short);
  if (most - after.used.instances <= kept.now.reasons.size)
    return waits('fleet_limit', `the fleet's last places, of ${most}, are kept for jobs of higher priority`);
  if (throttle)
    return waits(
      'throttled',
      `EC2 throttles launches (${throttle.code}): throttled until ${iso(throttle.until)}`,
      throttle.until,
    );
  if (launches.left <= 0)
    return waits(
      'throttled',
      `${launches.most} launches are under way, as many as are made at once`,
      // The first of those who wait for it looks again soon, for all of them.
      launches.left === 0 ? now + 5 * SECOND : null,
    );
  return { kind: 'launch', offer, cut, takes };
}
