import { endedAsItWas } from '../job/decide.ts';
import type { JobEvent, JobEventOf } from '../job/events.ts';
import { afterSubmission } from '../job/retry.ts';
import type { JobState, PastSubmission } from '../job/state.ts';
import type { Instant } from '../kernel/instant.ts';
import type { RunState } from '../run/state.ts';
import { failureOf, nodeName } from './words.ts';

/**
 * What becomes of each job, by index, now that no node of the run goes on. The first that failed decides by its
 * `retry`, for all: they are tried again together, as new submissions, or they all end.
 */
export function conclude(run: RunState, jobs: readonly JobState[], now: Instant): JobEvent[][] {
  const { gang } = run;
  const stopped = gang?.phase.kind === 'parting' ? gang.phase.message : null;
  const first = firstFailed(jobs);
  const final =
    run.phase.kind !== 'active' ||
    (gang?.phase.kind === 'parting' && gang.phase.how === 'refuse') ||
    jobs.some(({ phase }) => phase.kind === 'ended');
  if (first === undefined || final) return jobs.map((job) => end(job, stopped));

  const { job, last, begun } = first;
  const ec2 = gang?.arrivals.find(({ index }) => index === job.index)?.ec2 ?? null;
  const cause = `${nodeName(job.index, ec2)}: ${failureOf(last)}`;
  const decided = afterSubmission(job, { ...last, message: cause }, now, begun);
  const ended = decided.find((event): event is JobEventOf<'JobEnded'> => event.type === 'JobEnded');
  if (ended === undefined) return jobs.map((one) => again(one, decided));
  // More than what went wrong: that it was tried as often or as long as it may be.
  const verdict = ended.message === cause ? null : ended.message;
  return jobs.map((one) =>
    one === job && verdict !== null ? [{ ...ended, message: verdict }] : end(one, stopped),
  );
}

function firstFailed(jobs: readonly JobState[]) {
  const failed = jobs.flatMap(
    (job): { job: JobState; last: PastSubmission; begun: 'begun' | 'unbegun' }[] => {
      const last = job.past.at(-1);
      return job.phase.kind === 'awaiting_gang' && last?.status === 'failed'
        ? [{ job, last, begun: job.phase.begun }]
        : [];
    },
  );
  return failed.sort((a, b) => a.last.ended_at - b.last.ended_at || a.job.index - b.job.index)[0];
}

/** As the first that failed, under its own number. */
function again(job: JobState, decided: readonly JobEvent[]): JobEvent[] {
  return decided.flatMap((event): JobEvent[] => {
    switch (event.type) {
      case 'JobRequeued':
        return job.phase.kind === 'waiting' ? [] : [{ ...event, submission: job.submission }];
      case 'RetryScheduled':
        return [{ ...event, submission: job.submission }];
      default:
        return [event];
    }
  });
}

function end(job: JobState, why: string | null): JobEvent[] {
  switch (job.phase.kind) {
    case 'awaiting_gang':
      return endedAsItWas(job, job.past.at(-1)?.status === 'terminated' ? why : null);
    case 'waiting':
    case 'backing_off':
      return [{ type: 'JobEnded', status: 'terminated', reason: 'terminated_by_server', message: why }];
    default:
      return [];
  }
}
