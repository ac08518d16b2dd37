import type { SubmissionId } from '../kernel/ids.ts';
import type { Instant } from '../kernel/instant.ts';
import type { StopMode } from '../kernel/status.ts';
import type { RunnerExit } from './exit.ts';

export type SendOutcome =
  | { readonly kind: 'sent'; readonly command: string }
  /** The agent has not registered yet (or is gone): booting, not failing. */
  | { readonly kind: 'unreachable'; readonly detail: string };

/** A submission as the instance's disk shows it. */
export interface ProbedSubmission {
  readonly submission: string;
  readonly state: 'running' | 'exited' | 'lost';
  readonly started_at: Instant | null;
  readonly exit: RunnerExit | null;
}

export type Probe =
  | { readonly kind: 'answered'; readonly submissions: readonly ProbedSubmission[] }
  /** Its agent answers, and its user data has not finished: nothing can start there yet. `message`: what it is at. */
  | { readonly kind: 'booting'; readonly message: string }
  | { readonly kind: 'unreachable'; readonly detail: string };

/** Commands to instances. Sending one twice is harmless: the job's directory is the guard. */
export interface Commands {
  start(ec2: string, submission: SubmissionId, bundleUrl: string): Promise<SendOutcome>;
  stop(ec2: string, submission: SubmissionId, mode: StopMode, reason: string): Promise<SendOutcome>;
  /** What the disks of these instances say, by EC2 id. */
  probe(ec2s: readonly string[]): Promise<ReadonlyMap<string, Probe>>;
  /**
   * Lets them hear from us, and waits for no answer; one that cannot be reached is no error. Throws, once all others have
   * heard, where the cloud lets nobody send a command to one.
   */
  touch(ec2s: readonly string[]): Promise<void>;
}
