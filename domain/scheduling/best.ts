import { paidUntil } from '../fleet/budget.ts';
import { toReuse } from '../fleet/decide.ts';
import { mayLeave, missingNodes } from '../fleet/nodes.ts';
import { type Amounts, NOTHING, shortOf } from '../fleet/room.ts';
import type { JobState } from '../job/state.ts';
import { launching } from './launching.ts';
import type { Asked, Planner } from './planner.ts';
import type { Place, Stock } from './stock.ts';
import type { Turn } from './turn.ts';
import { fullFleet, type Hopeless, hopeless, type Verdict, type Waits, waits } from './verdict.ts';

/**
 * An instance that is there before a launch, unless it is dear beside what could be launched now, on the same market.
 * One that others are on already costs nothing more, nor does one that the fleet keeps whoever needs it.
 */
export function best(planner: Planner, stock: Stock, job: JobState, asked: Asked, turn: Turn): Verdict {
  const reuse = job.creation_policy === 'reuse';
  const found = stock.best(asked, job.priority);
  if (found === undefined)
    return reuse ? reuseLater(stock, job, asked, turn) : launching(planner, job, asked, turn);
  const takes = takenBy(found, job, turn);
  const short = shortOf(turn.room, takes);
  // A launch would cost more.
  if (short !== null) return fullFleet(short);
  const placed = { kind: 'place' as const, ...found, takes };
  if (reuse || found.inUse || keepsAll(turn)) return placed;
  const launched = launching(planner, job, asked, turn);
  const { spot, price } = found.offer;
  const dear =
    launched.kind === 'launch' && launched.offer.spot === spot && planner.tooDear(price, launched.offer);
  return dear ? launched : placed;
}

const keepsAll = ({ fleet }: Turn): boolean => fleet !== undefined && !mayLeave(fleet);

/** Of what is only being reserved nobody knows yet until when it is paid for: whoever carries it out does. */
const takenBy = ({ on, offer, ready }: Place, job: JobState, { fleet, now }: Turn): Amounts =>
  'instance' in on
    ? toReuse(fleet, on.instance, paidUntil(job, ready ? 'idle' : { launching: offer.instance_type }, now))
    : NOTHING;

function reuseLater(stock: Stock, job: JobState, asked: Asked, { fleet }: Turn): Waits | Hopeless {
  if (stock.hasFor(asked)) return waits('busy_instances', 'the instances that fit are busy, or held');
  // A fleet that was created a moment ago has launched none of the nodes that it keeps: one of them may fit.
  const missing = fleet === undefined ? 0 : missingNodes(fleet);
  if (missing > 0 && job.requirements.instances === null)
    return waits(
      'busy_instances',
      `fleet ${job.fleet} still has to launch ${missing} of the nodes that it keeps`,
    );
  return hopeless(
    'no_capacity',
    job.requirements.instances === null
      ? `no instance of fleet ${job.fleet} fits, and creation_policy is reuse`
      : `of the instances that it names, none is there and fits`,
  );
}
