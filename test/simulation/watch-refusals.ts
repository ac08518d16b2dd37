import type { JobEvent } from '../../domain/job/events.ts';
import type { Commit } from '../../domain/kernel/stream.ts';
import type { Scene } from './scene.ts';
import type { Invariant } from './watch.ts';

/** After the first of them so many other offers are tried. */
const OTHERS = 3;

/** Whether a refusal that other offers may not get has ended a job before others were tried. */
export function watchRefusals(
  { unclassified }: Scene,
  violated: (invariant: Invariant, what: string) => void,
): (commit: Commit) => void {
  const refusals = new Map<string, number>();
  return ({ stream: { name, id }, events }) => {
    if (name !== 'Job') return;
    for (const event of events as readonly JobEvent[]) {
      if (event.type === 'SubmissionEnded' || event.type === 'RetryScheduled') refusals.delete(id);
      if (event.type === 'OfferRefused' && unclassified.has(event.instance))
        refusals.set(id, (refusals.get(id) ?? 0) + 1);
    }
    const refused = (events as readonly JobEvent[]).some(
      (event) => event.type === 'OfferRefused' && unclassified.has(event.instance),
    );
    const ended = events.some(({ type }) => type === 'JobEnded');
    if (refused && ended && (refusals.get(id) ?? 0) <= OTHERS)
      violated('ended by one refusal', `${id}, after ${refusals.get(id)}`);
  };
}
