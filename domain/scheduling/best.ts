import { paidUntil } from '../fleet/budget.ts';
import { toReuse } from '../fleet/decide.ts';
import { type Amounts, NOTHING, shortOf } from '../fleet/room.ts';
import type { JobState } from '../job/state.ts';
import { type Asked, fullFleet, type Placing, placing, type Turn, type Verdict } from './placing.ts';
import type { Place, Stock } from './stock.ts';

/** A place on what there is, or will be by this pass. */
export type Placed = Place & { readonly kind: 'place'; readonly takes: Amounts };

/**
 * An instance that is there before a launch, unless it is dear beside what could be launched now, on the same market.
 * One that others are on already costs nothing more.
 */
export function best(
  place: Placing,
  stock: Stock,
  job: JobState,
  asked: Asked,
  turn: Turn,
): Verdict | Placed {
  const found = stock.best(asked, job.priority);
  if (!found) return placing(place, job, asked, turn);
  const takes = takenBy(found, job, turn);
  const short = shortOf(turn.room, takes);
  // A launch would cost more.
  if (short !== null) return fullFleet(short);
  const placed = { kind: 'place' as const, ...found, takes };
  if (job.creation_policy === 'reuse' || found.inUse) return placed;
  const verdict = placing(place, job, asked, turn);
  const { spot, price } = found.offer;
  const dear =
    verdict.kind === 'launch' && verdict.offer.spot === spot && place.tooDear(price, verdict.offer);
  return dear ? verdict : placed;
}

/** Of what is only being reserved nobody knows yet until when it is paid for: whoever carries it out does. */
const takenBy = ({ on, ready }: Place, job: JobState, { fleet, now }: Turn): Amounts =>
  'instance' in on ? toReuse(fleet, on.instance, paidUntil(job, ready ? 'idle' : 'launch', now)) : NOTHING;
