import type { Instant } from '../kernel/instant.ts';
import { unreachable } from '../kernel/result.ts';
import type { JobEvent } from './events.ts';
import { type Attempt, attemptOf, type JobState, lookAgain } from './state.ts';

// Refusals are shown to the user and counted by the planner; more of them than this say nothing new.
const REFUSALS_KEPT = 25;

export function evolve(job: JobState | undefined, event: JobEvent, at: Instant): JobState {
  if (event.type === 'JobQueued')
    return {
      ...event.spec,
      queued_at: at,
      submission: 0,
      refusals: [],
      past: [],
      empty_rounds: 0,
      spot: 'as_asked',
      phase: waiting(at),
    };
  if (job === undefined) throw new Error(`${event.type} on a job that was never queued`);
  switch (event.type) {
    case 'JobMoved':
      return { ...job, fleet: event.fleet };
    case 'PlacementDeferred': {
      const since = job.phase.kind === 'waiting' ? job.phase.since : at;
      return {
        ...job,
        phase: { ...waiting(since), wait: event.wait, look_at: event.until ?? lookAgain(at) },
      };
    }
    case 'SubmissionAssigned': {
      const { submission, instance, offer, bundle } = event;
      const attempt = { submission, instance, offer, bundle, assigned_at: at, container: null };
      return { ...job, phase: { kind: 'assigned', attempt, sent: null, stage: null } };
    }
    case 'OfferRefused': {
      const refusals = [...job.refusals, { offer: event.offer, refusal: event.refusal, at }].slice(
        -REFUSALS_KEPT,
      );
      return { ...job, refusals, phase: waiting(at) };
    }
    case 'StartSent':
      if (job.phase.kind !== 'assigned')
        throw new Error(`a start was sent to a job that is ${job.phase.kind}`);
      return { ...job, phase: { ...job.phase, sent: sentNow(event.command, at) } };
    case 'StartRepeated':
      if (job.phase.kind !== 'assigned')
        throw new Error(`a start was sent to a job that is ${job.phase.kind}`);
      return {
        ...job,
        phase: { ...job.phase, sent: { command: event.command, at, outcome: 'repeated' } },
      };
    case 'SubmissionStaged': {
      if (job.phase.kind !== 'assigned') throw new Error(`${event.type} of a job that is ${job.phase.kind}`);
      const { stage: name, message } = event;
      return { ...job, phase: { ...job.phase, stage: { name, message, at } } };
    }
    case 'ContainerReady': {
      if (job.phase.kind !== 'assigned') throw new Error(`${event.type} of a job that is ${job.phase.kind}`);
      const { type: _, submission: __, ...container } = event;
      return { ...job, phase: { ...job.phase, attempt: { ...job.phase.attempt, container } } };
    }
    case 'GangAwaited':
      return { ...job, phase: { kind: 'awaiting_gang', begun: event.begun, since: at } };
    case 'SubmissionStarted':
      return { ...job, phase: started(job, at) };
    case 'SubmissionFellSilent':
    case 'SubmissionHeardAgain': {
      if (job.phase.kind !== 'running') throw new Error(`${event.type} of a job that is ${job.phase.kind}`);
      const since = job.phase.silence?.since ?? at;
      const silence =
        event.type === 'SubmissionHeardAgain' ? null : { since, looks: event.looks, looked_at: at };
      return { ...job, phase: { ...job.phase, silence } };
    }
    case 'StopRequested': {
      const { mode, reason } = event;
      const started_at = startedAt(job);
      return {
        ...job,
        phase: { kind: 'stopping', attempt: underWay(job), started_at, mode, reason, since: at, sent: null },
      };
    }
    case 'StopSent':
      if (job.phase.kind !== 'stopping')
        throw new Error('a stop was sent to a job that is not being stopped');
      return { ...job, phase: { ...job.phase, sent: sentNow(event.command, at) } };
    case 'CommandFailed':
      if ((job.phase.kind !== 'assigned' && job.phase.kind !== 'stopping') || job.phase.sent === null)
        throw new Error('a command failed that nobody sent');
      return { ...job, phase: { ...job.phase, sent: { ...job.phase.sent, outcome: 'failed' } } };
    case 'SubmissionEnded': {
      const { type: _, ...ended } = event;
      const past = [...job.past, { ...underWay(job), ...ended, started_at: startedAt(job), ended_at: at }];
      const submission = event.submission + 1;
      return { ...job, past, submission, refusals: [], empty_rounds: 0, phase: waiting(at) };
    }
    case 'RetryScheduled': {
      const { wait, until } = event;
      const empty_rounds = event.event === 'no-capacity' ? event.in_a_row : 0;
      return { ...job, refusals: [], empty_rounds, phase: { kind: 'backing_off', since: at, wait, until } };
    }
    case 'SpotGivenUp':
      return { ...job, spot: 'given_up', requirements: { ...job.requirements, spot_policy: 'on-demand' } };
    case 'SpotReconsidered':
      return { ...job, spot: 'as_asked', requirements: { ...job.requirements, spot_policy: 'auto' } };
    case 'JobRequeued':
      return { ...job, phase: waiting(at) };
    case 'JobEnded': {
      const { status, reason, message } = event;
      return { ...job, phase: { kind: 'ended', status, reason, message, at } };
    }
    default:
      return unreachable(event);
  }
}

const sentNow = (command: string, at: Instant) => ({ command, at, outcome: 'unknown' as const });

const waiting = (at: Instant) => ({
  kind: 'waiting' as const,
  since: at,
  wait: null,
  look_at: lookAgain(at),
});

/** By our clock: the instance's own is in the event. After a stop was asked for, the job goes on stopping, but has started. */
function started(job: JobState, at: Instant): JobState['phase'] {
  return job.phase.kind === 'stopping'
    ? { ...job.phase, started_at: at }
    : { kind: 'running', attempt: underWay(job), started_at: at, silence: null };
}

function underWay(job: JobState): Attempt {
  const attempt = attemptOf(job);
  if (attempt === undefined) throw new Error(`a submission event on a job that is ${job.phase.kind}`);
  return attempt;
}

const startedAt = (job: JobState): Instant | null =>
  job.phase.kind === 'running' || job.phase.kind === 'stopping' ? job.phase.started_at : null;
