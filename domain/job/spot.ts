import type { JobEvent } from './events.ts';
import type { JobState } from './state.ts';

// `spot_policy: auto`: offers are ranked by price, so spot comes first where it is cheaper, as in dstack. A job for which
// that does not work out asks for on-demand.

/** Of the 25 offers that are tried for a submission, so many may be spot's: there are hundreds below the first on-demand price. */
export const SPOT_TRIES = 10;

/** One interruption is what spot is like; after a second in a row a third is likely, and each costs the work since. */
const INTERRUPTIONS = 2;

/** Decided with the submission that is over in the past of `job`. */
export function spotInterrupted(job: JobState): JobEvent[] {
  const last = job.past.slice(-INTERRUPTIONS);
  const each = last.every(
    ({ reason, offer }) => reason === 'interrupted_by_no_capacity' && offer.spot === 'spot',
  );
  return last.length === INTERRUPTIONS && each ? giveUp(job, 'interrupted', INTERRUPTIONS) : [];
}

/** Decided with the latest refusal among those of `job`. */
export function spotRefused(job: JobState): JobEvent[] {
  const refusals = job.refusals.filter(
    ({ offer, refusal }) => offer.spot === 'spot' && refusal.class === 'capacity',
  );
  return refusals.length >= SPOT_TRIES ? giveUp(job, 'refused', refusals.length) : [];
}

/** Nothing on demand either, or nothing at the price: an instance that may be taken back is better than none. */
export const spotReconsidered = (job: JobState): JobEvent[] =>
  job.spot === 'given_up' ? [{ type: 'SpotReconsidered' }] : [];

/** A job that launches nothing takes what there is. */
const giveUp = (job: JobState, because: 'refused' | 'interrupted', times: number): JobEvent[] =>
  job.requirements.spot_policy === 'auto' && job.creation_policy === 'reuse-or-create'
    ? [{ type: 'SpotGivenUp', because, times }]
    : [];
