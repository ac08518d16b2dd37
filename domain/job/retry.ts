import { formatDuration } from '../configuration/duration.ts';
import { type Instant, iso, MINUTE, SECOND } from '../kernel/instant.ts';
import type { RetryEvent } from '../kernel/retry.ts';
import type { TerminationReason } from '../kernel/status.ts';
import type { Ending } from './decide.ts';
import type { JobEvent } from './events.ts';
import { spotInterrupted } from './spot.ts';
import type { JobState, PastSubmission } from './state.ts';

/** A job that fails to start this often in a row ends, whatever its policy. */
export const START_LIMIT = 10;

// A job's state holds all its submissions, 1 KB each, and an item of DynamoDB is 400 KB at most.
export const SUBMISSION_LIMIT = 200;

const LONGEST_WAIT = 10 * MINUTE;

/** 15 s, 30 s, 1 min … 10 min. */
const backOff = (retries: number): number => Math.min(LONGEST_WAIT, 15 * SECOND * 2 ** (retries - 1));

/** dstack's mapping: what the cloud did not have, what it took back, and every other failure. */
function eventOf({ status, reason }: Pick<Ending, 'status' | 'reason'>): RetryEvent | null {
  if (status !== 'failed') return null;
  if (reason === 'failed_to_start_due_to_no_capacity') return 'no-capacity';
  return reason === 'interrupted_by_no_capacity' ? 'interruption' : 'error';
}

/**
 * What follows a submission that is over and in the past of `job`. `unbegun`: its instance failed it before its start:
 * nothing is lost by starting elsewhere, at once and whatever the policy.
 */
export function afterSubmission(
  job: JobState,
  ending: Ending,
  now: Instant,
  begun: 'begun' | 'unbegun',
): JobEvent[] {
  const event = eventOf(ending);
  const ended = (message: string | null): JobEvent[] => [
    { type: 'JobEnded', status: ending.status, reason: ending.reason, message },
  ];
  if (event === null) return ended(ending.message);
  const limit = limitReached(job.past);
  if (limit !== null) return ended(limit);
  const spot = spotInterrupted(job);
  if (begun === 'unbegun') return [...spot, { type: 'JobRequeued', submission: job.submission }];
  const cause = causeOf(ending);
  const retry = retryAfter(job, event, cause, now);
  switch (retry.kind) {
    case 'no':
      return ended(ending.message);
    case 'too-late':
      return ended(`${cause}; ${retry.message}`);
    case 'again':
      return [...spot, retry.scheduled];
  }
}

/** No offer is left: a job whose policy says so waits and plans again, any other has failed. */
export function afterNoCapacity(job: JobState, message: string, now: Instant): JobEvent[] {
  const retry = retryAfter(job, 'no-capacity', message, now);
  if (retry.kind === 'again') return [retry.scheduled];
  return [
    {
      type: 'JobEnded',
      status: 'failed',
      reason: 'failed_to_start_due_to_no_capacity',
      message: retry.kind === 'too-late' ? `${message}; ${retry.message}` : message,
    },
  ];
}

/** The wait is over. */
export function backOffOver({ phase, submission }: JobState, now: Instant): JobEvent[] {
  return phase.kind === 'backing_off' && now >= phase.until ? [{ type: 'JobRequeued', submission }] : [];
}

type Retrying =
  | { readonly kind: 'no' }
  | { readonly kind: 'too-late'; readonly message: string }
  | { readonly kind: 'again'; readonly scheduled: JobEvent };

/**
 * As dstack counts `duration`: for capacity from the run's submission until it has had an instance, else from the
 * failure. Failures that follow each other quickly count as one, from the first: else a job that cannot succeed would
 * be tried for ever.
 */
function retryAfter(job: JobState, event: RetryEvent, cause: string, now: Instant): Retrying {
  if (!job.retry?.on_events.includes(event)) return { kind: 'no' };
  const row = rowOf(job.past);
  const since = row[0]?.ended_at ?? job.queued_at;
  const end = since + job.retry.duration * SECOND;
  const in_a_row = event === 'no-capacity' ? job.empty_rounds + 1 : row.length;
  if (now >= end) {
    const retries = in_a_row === 2 ? '1 retry' : `${in_a_row - 1} retries`;
    return {
      kind: 'too-late',
      message: `given up after ${retries} in ${formatDuration(job.retry.duration)}`,
    };
  }
  // The last try comes at the end of the time given, not before it.
  const until = Math.min(end, now + backOff(in_a_row));
  const count = in_a_row > 1 ? ` (${in_a_row} in a row)` : '';
  const wait = { kind: 'retry' as const, message: `tries again at ${iso(until)} after ${cause}${count}` };
  return {
    kind: 'again',
    scheduled: { type: 'RetryScheduled', submission: job.submission, event, in_a_row, wait, until },
  };
}

/** The latest failures that followed each other quickly. One that had run for the longest wait begins a new row. */
function rowOf(all: readonly PastSubmission[]): readonly PastSubmission[] {
  const past = failed(all);
  const first = past.findLastIndex(
    ({ started_at, ended_at }) => started_at !== null && ended_at - started_at >= LONGEST_WAIT,
  );
  return past.slice(Math.max(0, first));
}

/** What was given back, or stopped for another node's sake, is no failure of this job. */
const failed = (past: readonly PastSubmission[]): PastSubmission[] =>
  past.filter(({ status }) => status === 'failed');

function limitReached(past: readonly PastSubmission[]): string | null {
  const starts = failed(past.slice(past.findLastIndex(({ started_at }) => started_at !== null) + 1));
  if (starts.length >= START_LIMIT) return `${starts.length} starts failed in a row: ${causesOf(starts)}`;
  return past.length >= SUBMISSION_LIMIT
    ? `none of ${past.length} submissions succeeded: ${causesOf(past.slice(-START_LIMIT))}`
    : null;
}

/** Each cause once, with how often it was. */
function causesOf(past: readonly PastSubmission[]): string {
  const causes = Map.groupBy(past, causeOf);
  return [...causes]
    .map(([cause, { length }]) => (length > 1 ? `${cause} (${length} times)` : cause))
    .join(', ');
}

export function causeOf({
  exit_status,
  signal,
  message,
  reason,
}: Pick<Ending, 'exit_status' | 'signal' | 'message' | 'reason'>): string {
  // The runner says of a stop what it was told of it.
  if (message !== null && message !== reason) return message;
  if (signal !== null) return signal;
  if (reason === 'container_exited_with_error' && exit_status !== null) return `exit status ${exit_status}`;
  return words(reason);
}

const words = (reason: TerminationReason): string => reason.replaceAll('_', ' ');
