import type { Instant } from '../kernel/instant.ts';
import { type Attempt, type JobState, stopDeadline } from './state.ts';

/** Why a stream is looked at: it has moved, or its due time has come without news. */
export type Ring = 'moved' | 'due';

export type JobAction =
  | { readonly kind: 'place' }
  /** The wait before a retry is over. */
  | { readonly kind: 'requeue' }
  | { readonly kind: 'start'; readonly attempt: Attempt }
  /** Nothing was heard: what does the instance's disk say? */
  | { readonly kind: 'probe'; readonly attempt: Attempt }
  | { readonly kind: 'stop'; readonly attempt: Attempt }
  /** The stop has had its time: the instance goes, and the commands with it. */
  | { readonly kind: 'force'; readonly attempt: Attempt }
  /** The last submission is over: its secrets are erased. */
  | { readonly kind: 'tidy' }
  | { readonly kind: 'rest' };

export function nextAction(job: JobState, ring: Ring, now: Instant): JobAction {
  const { phase } = job;
  switch (phase.kind) {
    case 'waiting':
      return { kind: 'place' };
    case 'backing_off':
      return { kind: now < phase.until ? 'rest' : 'requeue' };
    case 'assigned':
      if (phase.sent === null) return { kind: 'start', attempt: phase.attempt };
      return ring === 'due' || phase.sent.outcome === 'failed'
        ? { kind: 'probe', attempt: phase.attempt }
        : { kind: 'rest' };
    case 'running':
      return ring === 'due' ? { kind: 'probe', attempt: phase.attempt } : { kind: 'rest' };
    case 'stopping':
      if (phase.sent === null) {
        // Nobody there to take it, though the runner's reports would have been answered with it: the time runs all the same.
        const late = job.stop_duration !== null && now >= stopDeadline(job.stop_duration, phase.since);
        return { kind: late ? 'force' : 'stop', attempt: phase.attempt };
      }
      if (now < stopDeadline(job.stop_duration, phase.sent.at))
        return phase.sent.outcome === 'failed' ? { kind: 'probe', attempt: phase.attempt } : { kind: 'rest' };
      return { kind: job.stop_duration === null ? 'probe' : 'force', attempt: phase.attempt };
    // Its run says what follows.
    case 'awaiting_gang':
      return { kind: 'rest' };
    case 'ended':
      return { kind: 'tidy' };
  }
}
