import type { ReadyContainer } from '../container/sighting.ts';
import type { Stage } from '../container/stage.ts';
import type { FleetName, InstanceId } from '../kernel/ids.ts';
import type { Instant } from '../kernel/instant.ts';
import type { StopMode, TerminationReason } from '../kernel/status.ts';
import type { OfferTerms } from '../planning/offer.ts';
import type { BundleRef, JobEvent, Refusal, Wait } from './events.ts';
import { evolve } from './evolve.ts';
import { afterNoCapacity, afterSubmission } from './retry.ts';
import { spotReconsidered, spotRefused } from './spot.ts';
import { attemptOf, isOfGang, type JobState } from './state.ts';

// Every decision is empty when there is nothing left to decide, so a repeated one is harmless.

/** Says why a job waits; the same reason again is no news. */
export function defer(job: JobState, wait: Wait, until: Instant | null): JobEvent[] {
  if (job.phase.kind !== 'waiting' || job.phase.wait?.message === wait.message) return [];
  return [{ type: 'PlacementDeferred', wait, until }];
}

/** A waiting job goes to another of the fleets that its run may go to. */
export function moveTo(
  job: JobState,
  { from, to, message }: { readonly from: FleetName; readonly to: FleetName; readonly message: string },
): JobEvent[] {
  if (job.phase.kind !== 'waiting' || job.fleet !== from || from === to || !job.fleets.includes(to))
    return [];
  return [{ type: 'JobMoved', fleet: to, message }];
}

/** Only a waiting job takes an instance: the first assignment wins. */
export function assign(
  job: JobState,
  instance: InstanceId,
  offer: OfferTerms,
  bundle: BundleRef,
): JobEvent[] {
  if (job.phase.kind !== 'waiting') return [];
  return [{ type: 'SubmissionAssigned', submission: job.submission, instance, offer, bundle }];
}

/** The instance promised to the job will not come: the job waits for another offer, under the same number. */
export function refused(
  job: JobState,
  instance: InstanceId,
  offer: OfferTerms,
  refusal: Refusal,
  now: Instant,
): JobEvent[] {
  if (job.phase.kind === 'stopping' && job.phase.attempt.instance === instance)
    return ended(job, stopped(job.phase));
  if (job.phase.kind !== 'assigned' || job.phase.attempt.instance !== instance) return [];
  const event: JobEvent = { type: 'OfferRefused', instance, offer, refusal };
  const after = evolve(job, event, now);
  const unclassified = after.refusals.filter((one) => one.refusal.class === 'unclassified');
  if (refusal.class === 'fatal')
    return [event, giveUp('failed_to_start_due_to_no_capacity', `${refusal.code}: ${refusal.message}`)];
  if (refusal.class === 'unclassified' && unclassified.length > NEXT_OFFERS)
    return [event, giveUp('failed_to_start_due_to_no_capacity', allRefused(unclassified))];
  return [event, ...spotRefused(after)];
}

/** After a refusal that nobody knows the reach of, so many other offers are tried: it may concern that one alone. */
const NEXT_OFFERS = 3;

/** Each offer with its code, the words once: they are mostly the same. */
function allRefused(refusals: JobState['refusals']): string {
  const offers = refusals.map(
    ({ offer, refusal }) => `${offer.instance_type} in ${offer.zone} (${offer.spot}): ${refusal.code}`,
  );
  const said = new Set(refusals.map(({ refusal }) => refusal.message));
  return `${refusals.length} offers were refused: ${offers.join(', ')}; ${[...said].join('; ')}`;
}

export type Unplaceable = 'no_capacity' | 'never_fits' | 'secrets_lost';

/** No offer is left, none ever fitted, or the job has nothing to start with: then waiting would not help. */
export function unplaceable(
  job: JobState,
  { why, message }: { why: Unplaceable; message: string },
  now: Instant,
): JobEvent[] {
  if (job.phase.kind !== 'waiting') return [];
  if (why === 'secrets_lost') return [giveUp('terminated_by_server', message)];
  if (job.spot === 'given_up') return spotReconsidered(job);
  if (why === 'no_capacity') return afterNoCapacity(job, message, now);
  return [giveUp('failed_to_start_due_to_no_capacity', message)];
}

/** Two that saw it unsent may both have sent it: the first to say so decides, and its disk heeds one of them. */
export function startSent(job: JobState, submission: number, command: string): JobEvent[] {
  const { phase } = job;
  if (phase.kind !== 'assigned' || phase.sent !== null || phase.attempt.submission !== submission) return [];
  return [{ type: 'StartSent', submission, command }];
}

/** Its instance has answered that it knows nothing of the start. */
export function startRepeated(job: JobState, submission: number, command: string): JobEvent[] {
  const { phase } = job;
  if (phase.kind !== 'assigned' || phase.sent === null || phase.attempt.submission !== submission) return [];
  return phase.sent.command === command ? [] : [{ type: 'StartRepeated', submission, command }];
}

/** A start or a stop came to nothing, as far as SSM knows: worth a look at the disk, once. */
export function commandFailed(job: JobState, command: string, status: string): JobEvent[] {
  const { phase } = job;
  const sent = phase.kind === 'assigned' || phase.kind === 'stopping' ? phase.sent : null;
  return sent?.command === command && sent.outcome === 'unknown'
    ? [{ type: 'CommandFailed', command, status }]
    : [];
}

/** What the runner is at; the same again is no news. */
export function staged(job: JobState, submission: number, stage: Stage, message: string): JobEvent[] {
  const { phase } = job;
  if (phase.kind !== 'assigned' || phase.attempt.submission !== submission) return [];
  if (phase.stage?.name === stage && phase.stage.message === message) return [];
  return [{ type: 'SubmissionStaged', submission, stage, message }];
}

export function containerReady(job: JobState, submission: number, container: ReadyContainer): JobEvent[] {
  const { phase } = job;
  if (phase.kind !== 'assigned' || phase.attempt.submission !== submission) return [];
  return phase.attempt.container?.id === container.id
    ? []
    : [{ type: 'ContainerReady', submission, ...container }];
}

/** The runner says (or the disk shows) that the commands run. */
export function started(job: JobState, submission: number, at: Instant): JobEvent[] {
  const { phase } = job;
  const fresh = phase.kind === 'assigned' || (phase.kind === 'stopping' && phase.started_at === null);
  return fresh && phase.attempt.submission === submission
    ? [{ type: 'SubmissionStarted', submission, at }]
    : [];
}

/**
 * A job that nobody has told to start simply ends. One that may run is asked to stop; an abort does not wait for its
 * answer, since the caller ends the instance with it.
 */
export function requestStop(job: JobState, mode: StopMode, reason: TerminationReason): JobEvent[] {
  const { phase } = job;
  const end = stopped({ mode, reason });
  switch (phase.kind) {
    case 'ended':
      return [];
    case 'waiting':
    case 'backing_off':
      return [{ type: 'JobEnded', status: end.status, reason, message: null }];
    case 'awaiting_gang':
      return endedAsItWas(job);
    case 'assigned':
      if (mode === 'abort' || phase.sent === null) return ended(job, end);
      return [{ type: 'StopRequested', mode, reason }];
    case 'running':
      return mode === 'abort' ? ended(job, end) : [{ type: 'StopRequested', mode, reason }];
    case 'stopping':
      if (mode === 'abort') return ended(job, end);
      // An interrupted job may be tried again; one that its user stops may not.
      return phase.reason === 'interrupted_by_no_capacity' && reason !== phase.reason
        ? [{ type: 'StopRequested', mode, reason }]
        : [];
  }
}

export function stopSent(job: JobState, submission: number, command: string): JobEvent[] {
  const { phase } = job;
  if (phase.kind !== 'stopping' || phase.attempt.submission !== submission || phase.sent !== null) return [];
  return [{ type: 'StopSent', submission, command }];
}

export interface Ending {
  readonly status: 'done' | 'failed' | 'terminated' | 'aborted';
  readonly reason: TerminationReason;
  readonly exit_status: number | null;
  readonly signal: string | null;
  readonly log_bytes: number | null;
  readonly message: string | null;
}

/** The submission under way is over, and the job with it, unless that is for its gang to decide. */
export function ended(job: JobState, ending: Ending): JobEvent[] {
  const attempt = attemptOf(job);
  if (attempt === undefined) return [];
  const { submission } = attempt;
  const { status, reason, message } = ending;
  return [
    { type: 'SubmissionEnded', submission, ...ending },
    isOfGang(job) && !reason.endsWith('_by_user')
      ? { type: 'GangAwaited', submission, begun: 'begun' }
      : { type: 'JobEnded', status, reason, message },
  ];
}

/** What was decided of its last submission is the end of the job. */
export function endedAsItWas(job: JobState, said: string | null = null): JobEvent[] {
  const last = job.past.at(-1);
  if (job.phase.kind !== 'awaiting_gang' || last === undefined) return [];
  const { status, reason, message } = last;
  return [{ type: 'JobEnded', status, reason, message: message ?? said }];
}

/** The submission under way is over; whether the job is, its `retry` says. */
export function over(job: JobState, ending: Ending, now: Instant, begun: 'begun' | 'unbegun'): JobEvent[] {
  const attempt = attemptOf(job);
  if (attempt === undefined) return [];
  const { submission } = attempt;
  const last: JobEvent = { type: 'SubmissionEnded', submission, ...ending };
  if (isOfGang(job)) return [last, { type: 'GangAwaited', submission, begun }];
  return [last, ...afterSubmission(evolve(job, last, now), ending, now, begun)];
}

/** The instance failed the job. One that had not started goes back to the queue; one that had, fails. */
export function lostInstance(
  job: JobState,
  reason: TerminationReason,
  message: string,
  now: Instant,
): JobEvent[] {
  if (job.phase.kind === 'stopping') return over(job, { ...stopped(job.phase), message }, now, 'begun');
  const ending: Ending = {
    status: 'failed',
    reason,
    exit_status: null,
    signal: null,
    log_bytes: null,
    message,
  };
  return over(job, ending, now, job.phase.kind === 'running' ? 'begun' : 'unbegun');
}

/** Its node failed the check, or could not start it, before anything of the job ran, whatever else was heard: it goes elsewhere. */
export function refusedByNode(job: JobState, message: string, now: Instant): JobEvent[] {
  if (job.phase.kind === 'stopping') return lostInstance(job, 'executor_error', message, now);
  const nothing = { exit_status: null, signal: null, log_bytes: null };
  return over(job, { status: 'failed', reason: 'executor_error', ...nothing, message }, now, 'unbegun');
}

/** A stop that the user asked for is no failure; one that the cloud forced on the job is. */
export function stoppedStatus(mode: StopMode, reason: TerminationReason): Ending['status'] {
  if (mode === 'abort') return 'aborted';
  return reason === 'interrupted_by_no_capacity' ? 'failed' : 'terminated';
}

const stopped = ({ mode, reason }: { mode: StopMode; reason: TerminationReason }): Ending => ({
  status: stoppedStatus(mode, reason),
  reason,
  exit_status: null,
  signal: null,
  log_bytes: null,
  message: null,
});

const giveUp = (reason: TerminationReason, message: string): JobEvent => ({
  type: 'JobEnded',
  status: 'failed',
  reason,
  message,
});
