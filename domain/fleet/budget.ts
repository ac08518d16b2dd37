import { bootDeadline } from '../instance/state.ts';
import type { JobSpec } from '../job/events.ts';
import { HOUR, type Instant, MINUTE, SECOND } from '../kernel/instant.ts';
import type { FleetState, Reservation } from './state.ts';

/** What an instance has cost by then. Reserved, not launched: the fleet hears of the one, and it is the earlier. */
export const costUntil = ({ offer, reserved_at }: Reservation, at: Instant): number =>
  (offer.price * (at - reserved_at)) / HOUR;

export const committed = (reservation: Reservation): number =>
  reservation.paid_until === null ? 0 : costUntil(reservation, reservation.paid_until);

/** What a fleet has spent by now, on those it has still as well, and what is committed beyond that; $. */
export function spentBy(
  { spent, reservations }: Pick<FleetState, 'spent' | 'reservations'>,
  now: Instant,
): { readonly spent: number; readonly committed: number } {
  return reservations.reduce(
    (sum, one) => {
      const cost = costUntil(one, now);
      return {
        spent: sum.spent + cost,
        committed: sum.committed + Math.max(0, committed(one) - cost),
      };
    },
    { spent, committed: 0 },
  );
}

// Between a job's start and end lie its max_duration and its stop; around them the command, the reports and the end.
const AROUND_A_JOB = 5 * MINUTE;

/**
 * Until when an instance has to be paid for that is given this job. A job's price is not price × max_duration alone:
 * what boots is billed too. `launching`: an instance type; null: not known yet. `null`: nobody knows, since the job may take for ever.
 */
export function paidUntil(
  { requirements: { max_duration }, stop_duration }: Pick<JobSpec, 'requirements' | 'stop_duration'>,
  from: 'idle' | { readonly launching: string | null },
  now: Instant,
): Instant | null {
  if (max_duration === null || stop_duration === null) return null;
  const boot = from === 'idle' ? 0 : bootDeadline(from.launching ?? '');
  return now + boot + (max_duration + stop_duration) * SECOND + AROUND_A_JOB;
}

/** An instance is ended so long before what was committed for it is used up: an end takes its time, too. */
export const END_AHEAD = 2 * MINUTE;
