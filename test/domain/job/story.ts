import { assign, type Ending, lostInstance, over, unplaceable } from '../../../domain/job/decide.ts';
import type { JobEvent, JobSpec } from '../../../domain/job/events.ts';
import { endingOf } from '../../../domain/job/exit.ts';
import { backOffOver } from '../../../domain/job/retry.ts';
import type { JobState } from '../../../domain/job/state.ts';
import { Job } from '../../../domain/job/stream.ts';
import { SECOND } from '../../../domain/kernel/instant.ts';
import { fold } from '../../../domain/kernel/stream.ts';
import type { OfferTerms } from '../../../domain/planning/offer.ts';
import { bundle, INSTANCE, offer, spec, T0, types } from '../given.ts';

export type On = NonNullable<JobSpec['retry']>['on_events'];
export const policy = (on_events: On, duration = 3600) => ({ retry: { on_events, duration } });
export const every: On = ['no-capacity', 'interruption', 'error'];

export const exit = (status: number) => ({
  cause: 'commands' as const,
  status,
  signal: null,
  log_bytes: 3,
  message: null,
});

/** A job and the time that passes for it. */
export function story(fields: Partial<JobSpec> = {}) {
  let now = T0;
  let job = fold(Job, undefined, [{ type: 'JobQueued', spec: spec(fields) }], now) as JobState;
  const told: JobEvent[] = [];
  const on = (decided: readonly JobEvent[]) => {
    told.push(...decided);
    job = fold(Job, job, decided, now) as JobState;
    return decided;
  };
  return {
    on,
    told: () => types(told),
    job: () => job,
    now: () => now,
    wait: (milliseconds: number) => {
      now += milliseconds;
    },
    begin(terms: OfferTerms = offer()) {
      on(assign(job, INSTANCE, terms, bundle));
      on([{ type: 'SubmissionStarted', submission: job.submission, at: now }]);
    },
    ends: (ending: Ending) => on(over(job, ending, now, 'begun')),
    exits(status: number) {
      return on(over(job, endingOf(job, exit(status)), now, 'begun'));
    },
    vanishes: () => on(lostInstance(job, 'interrupted_by_no_capacity', 'its instance is gone', now)),
    neverReady: (message: string) => on(lostInstance(job, 'waiting_runner_limit_exceeded', message, now)),
    finds: (why: 'no_capacity' | 'never_fits') => on(unplaceable(job, { why, message: 'none left' }, now)),
    /** Waits as long as it is told to. */
    backOff() {
      if (job.phase.kind !== 'backing_off') throw new Error(`it is ${job.phase.kind}`);
      const waited = job.phase.until - now;
      now = job.phase.until;
      on(backOffOver(job, now));
      return waited / SECOND;
    },
  };
}
export type Story = ReturnType<typeof story>;
