import { iso } from '../kernel/instant.ts';
import type { Stream } from '../kernel/stream.ts';
import { JobEvent } from './events.ts';
import { evolve } from './evolve.ts';
import { nextAction } from './next-action.ts';
import { dueOf, type JobState } from './state.ts';
import { progressOf } from './view.ts';

export const queueOf = (fleet: string): string => `queue#${fleet}`;

// The queue is read in ascending order: higher priorities get the smaller key, then age decides.
const MAX_PRIORITY = 100;
const queueSort = (job: JobState, id: string): string =>
  `${String(MAX_PRIORITY - job.priority).padStart(3, '0')}#${iso(job.queued_at)}#${id}`;

export const Job: Stream<JobState, JobEvent> = {
  name: 'Job',
  shape: 5,
  event: JobEvent,
  evolve,
  rests: (job, at) => nextAction(job, 'moved', at).kind === 'rest',
  view: (job) => progressOf(job),
  placement: (job, id) => {
    const due = dueOf(job);
    return {
      ...(job.phase.kind === 'waiting'
        ? { work: { key: queueOf(job.fleet), sort: queueSort(job, id) } }
        : {}),
      ...(due === undefined ? {} : { due }),
    };
  },
};
