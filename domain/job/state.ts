import type { ReadyContainer } from '../container/sighting.ts';
import type { Stage } from '../container/stage.ts';
import type { InstanceId } from '../kernel/ids.ts';
import { type Instant, MINUTE } from '../kernel/instant.ts';
import type { FinalStatus, StopMode, TerminationReason } from '../kernel/status.ts';
import type { OfferTerms } from '../planning/offer.ts';
import type { BundleRef, JobEventOf, JobSpec, Refusal, Wait } from './events.ts';

/** One try of a job on one instance. */
export interface Attempt {
  readonly submission: number;
  readonly instance: InstanceId;
  readonly offer: OfferTerms;
  readonly bundle: BundleRef;
  readonly assigned_at: Instant;
  /** null: none is up, or its commands run on the instance itself. */
  readonly container: ReadyContainer | null;
}

/** A command that SSM has accepted. `failed`: its instance says that it came to nothing; `repeated`: it was sent again, and
 * whether that comes to something its disk is asked in a minute, not whenever SSM says that it did not. */
export interface Sent {
  readonly command: string;
  readonly at: Instant;
  readonly outcome: 'unknown' | 'failed' | 'repeated';
}

export interface Silence {
  readonly since: Instant;
  /** Of those that are recorded: the first, and the first after the time that a living machine may be silent. */
  readonly looks: number;
  readonly looked_at: Instant;
}

export type JobPhase =
  | {
      readonly kind: 'waiting';
      readonly since: Instant;
      readonly wait: Wait | null;
      readonly look_at: Instant;
    }
  /** Tried again, but not before `until`: no pass sees it until then. */
  | {
      readonly kind: 'backing_off';
      readonly since: Instant;
      readonly wait: Wait;
      readonly until: Instant;
    }
  | {
      readonly kind: 'assigned';
      readonly attempt: Attempt;
      readonly sent: Sent | null;
      /** What its runner said last that it is at. */
      readonly stage: { readonly name: Stage; readonly message: string; readonly at: Instant } | null;
    }
  | {
      readonly kind: 'running';
      readonly attempt: Attempt;
      readonly started_at: Instant;
      /** null: it was heard of when we last looked. */
      readonly silence: Silence | null;
    }
  | {
      readonly kind: 'stopping';
      readonly attempt: Attempt;
      readonly started_at: Instant | null;
      readonly mode: StopMode;
      readonly reason: TerminationReason;
      readonly since: Instant;
      readonly sent: Sent | null;
    }
  /** Its submission is the last of the past; the other nodes' are not over yet. */
  | {
      readonly kind: 'awaiting_gang';
      readonly begun: 'begun' | 'unbegun';
      readonly since: Instant;
    }
  | {
      readonly kind: 'ended';
      readonly status: FinalStatus;
      readonly reason: TerminationReason;
      readonly message: string | null;
      readonly at: Instant;
    };

/** A submission that is over. */
export type PastSubmission = Omit<JobEventOf<'SubmissionEnded'>, 'type'> &
  Omit<Attempt, 'submission'> & { readonly started_at: Instant | null; readonly ended_at: Instant };

export interface JobState extends JobSpec {
  readonly queued_at: Instant;
  /** The number that the next assignment gets. */
  readonly submission: number;
  /** What the cloud has refused since the last submission that got an instance. */
  readonly refusals: readonly {
    readonly offer: OfferTerms;
    readonly refusal: Refusal;
    readonly at: Instant;
  }[];
  readonly past: readonly PastSubmission[];
  /** How often in a row no offer was left, since the last submission that had an instance. */
  readonly empty_rounds: number;
  /** Given up, `requirements` ask for on-demand where the configuration says `auto`. */
  readonly spot: 'as_asked' | 'given_up';
  readonly phase: JobPhase;
}

/** Its submissions begin and end with those of other nodes. */
export const isOfGang = ({ nodes }: JobSpec): boolean => nodes > 1;

/** The attempt under way, if there is one. */
export function attemptOf(job: JobState): Attempt | undefined {
  switch (job.phase.kind) {
    case 'assigned':
    case 'running':
    case 'stopping':
      return job.phase.attempt;
    case 'waiting':
    case 'backing_off':
    case 'awaiting_gang':
    case 'ended':
      return undefined;
  }
}

// How long we trust silence before we go and look: a lost doorbell, a start nobody reported, a runner that fell quiet.
const LOOK_WHILE_WAITING = MINUTE;
const LOOK_AFTER_START = MINUTE;
/** Three heartbeats of the runner may be lost before its instance is asked. */
export const QUIET = 3 * MINUTE;
const LOOK_AFTER_STOP = 30_000;

/** When to look again although no doorbell rang. An ended job is nobody's concern. */
export function dueOf(job: JobState): Instant | undefined {
  const { phase } = job;
  switch (phase.kind) {
    case 'waiting':
      return phase.look_at;
    case 'backing_off':
      return phase.until;
    case 'assigned':
      return phase.stage === null
        ? (phase.sent?.at ?? phase.attempt.assigned_at) + LOOK_AFTER_START
        : phase.stage.at + QUIET;
    case 'running':
      return phase.started_at + QUIET;
    case 'stopping':
      // Not sent yet, it has only lost its doorbell: it must not wait for a deadline that counts from its sending.
      return phase.sent === null
        ? phase.since + LOOK_AFTER_STOP
        : stopDeadline(job.stop_duration, phase.sent.at);
    // It moves with its run, whose own due time watches over all nodes.
    case 'awaiting_gang':
    case 'ended':
      return undefined;
  }
}

/** A stop without KILL (`stop_duration: off`) is looked after every 10 minutes, never forced. */
export const stopDeadline = (stopDuration: number | null, since: Instant): Instant =>
  since + (stopDuration === null ? 10 * MINUTE : stopDuration * 1_000 + LOOK_AFTER_STOP);

export const lookAgain = (at: Instant): Instant => at + LOOK_WHILE_WAITING;
