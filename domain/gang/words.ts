import { causeOf } from '../job/retry.ts';
import type { PastSubmission } from '../job/state.ts';
import type { JobProgress } from '../run/events.ts';

/** A node as its user knows it. */
export const nodeName = (index: number, ec2: string | null): string =>
  ec2 === null ? `node ${index}` : `node ${index} (${ec2})`;

type Over = Pick<PastSubmission, 'exit_status' | 'signal' | 'message' | 'reason'>;

/** What went wrong on a node, with the status that it exited with. */
export function failureOf(over: Over): string {
  const cause = causeOf(over);
  const status = `exit status ${over.exit_status}`;
  return over.exit_status === null || cause.includes(status) ? cause : `${status}: ${cause}`;
}

/** What a run of several nodes says of those that failed: each by its number, or once where all say the same. */
export function messageOf(jobs: readonly JobProgress[]): string | null {
  const failed = jobs.filter(({ status }) => status === 'failed');
  const messages = failed.map(({ message, exit_status, reason }) =>
    failureOf({ message, exit_status, signal: null, reason: reason ?? 'container_exited_with_error' }),
  );
  const [first] = messages;
  if (first === undefined) return null;
  return failed.length === jobs.length && messages.every((message) => message === first)
    ? first
    : failed.map(({ index }, n) => `node ${index}: ${messages[n]}`).join('; ');
}
