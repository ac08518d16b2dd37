import { type Instant, MINUTE, SECOND } from '../kernel/instant.ts';
import type { JobEvent } from './events.ts';
import type { JobState } from './state.ts';

// A job that runs is left alone while nothing proves that it does not. A machine that nobody can reach ends itself, by
// its dead-man timer: one that EC2 still shows as running long after that does not run, it hangs, and is paid for.

const AFTER_DEADMAN = 15 * MINUTE;
/** An agent that an outage has cut off has so long to be back after it. */
const SECOND_LOOK = 10 * MINUTE;

export type Unheard =
  | { readonly kind: 'record'; readonly events: JobEvent[] }
  | { readonly kind: 'wait' }
  /** Silent for longer than a living machine can be, at two looks. */
  | { readonly kind: 'hung'; readonly since: Instant };

/** No report, and no answer from its instance's agent. `deadman`: seconds. */
export function unheard({ phase }: JobState, deadman: number, now: Instant): Unheard {
  if (phase.kind !== 'running') return { kind: 'wait' };
  const { silence, attempt } = phase;
  const look = (looks: number): Unheard => ({
    kind: 'record',
    events: [{ type: 'SubmissionFellSilent', submission: attempt.submission, looks }],
  });
  if (silence === null) return look(1);
  if (now < silence.since + deadman * SECOND + AFTER_DEADMAN) return { kind: 'wait' };
  if (silence.looks === 1) return look(2);
  return now < silence.looked_at + SECOND_LOOK ? { kind: 'wait' } : { kind: 'hung', since: silence.since };
}

export const heard = ({ phase }: JobState, submission: number): JobEvent[] =>
  phase.kind === 'running' && phase.silence !== null && phase.attempt.submission === submission
    ? [{ type: 'SubmissionHeardAgain', submission }]
    : [];
