import type { InstanceEvent } from '../instance/events.ts';
import type { InstanceState } from '../instance/state.ts';
import { Instance } from '../instance/stream.ts';
import type { JobEvent } from '../job/events.ts';
import type { JobState } from '../job/state.ts';
import { Job } from '../job/stream.ts';
import type { Instant } from '../kernel/instant.ts';
import type { Change, DomainEvent, Stream } from '../kernel/stream.ts';
import { BootOutcome, type Duration, LostState, type Observation, type Observed } from './observation.ts';

/**
 * What a decision has to say to the metrics. A duration ends with an event and began with an earlier one: here both are
 * known, whoever reads the commit later would have to fold the stream's whole history for it.
 */
export function observedBy(
  change: Pick<Change, 'stream' | 'before' | 'events' | 'at'>,
): Observed | undefined {
  switch (change.stream.name) {
    case 'Instance':
      return along<InstanceState, InstanceEvent>(Instance, change, ofInstance);
    case 'Job':
      return along<JobState, JobEvent>(Job, change, ofJob);
    case 'Run':
    case 'Fleet':
      return undefined;
  }
}

/** Each event of the decision with the state that it met. */
function along<S extends { readonly project: string }, E extends DomainEvent>(
  stream: Stream<S, E>,
  { before, events, at }: Pick<Change, 'before' | 'events' | 'at'>,
  observe: (before: S, event: E, at: Instant) => Observation[],
): Observed | undefined {
  const observations: Observation[] = [];
  let state = before as S | undefined;
  for (const event of events as readonly E[]) {
    if (state !== undefined) observations.push(...observe(state, event, at));
    state = stream.evolve(state, event, at);
  }
  return state === undefined || observations.length === 0
    ? undefined
    : { project: state.project, observations };
}

function ofInstance({ phase }: InstanceState, event: InstanceEvent, at: Instant): Observation[] {
  switch (event.type) {
    case 'LaunchRefused': {
      const outcome = BootOutcome.safeParse(`refused_${event.class}`);
      return [boot(outcome.success ? outcome.data : 'refused_fatal')];
    }
    case 'InstanceReady':
      return phase.kind === 'booting'
        ? [boot('ready'), duration('time_to_ready', phase.launched_at, at)]
        : [];
    case 'TerminationRequested':
      return phase.kind === 'booting'
        ? [boot(event.reason === 'never_ready' ? 'never_ready' : 'aborted')]
        : [];
    case 'InstanceTerminated': {
      if (phase.kind === 'terminating') return [duration('time_from_shutdown_to_gone', phase.since, at)];
      const lost = LostState.safeParse(phase.kind);
      if (!lost.success) return [];
      const disappearance: Observation = { of: 'disappearance', state: lost.data };
      return lost.data === 'booting' ? [boot('disappeared'), disappearance] : [disappearance];
    }
    default:
      return [];
  }
}

/** A submission waits from when the job was queued, or from the end of the submission before. */
function ofJob(job: JobState, event: JobEvent, at: Instant): Observation[] {
  return event.type === 'SubmissionStarted'
    ? [duration('time_from_queue_to_start', job.past.at(-1)?.ended_at ?? job.queued_at, at)]
    : [];
}

const boot = (outcome: BootOutcome): Observation => ({ of: 'boot', outcome });

const duration = (name: Duration, from: Instant, to: Instant): Observation => ({
  of: 'duration',
  duration: name,
  // Two processes' clocks may differ by moments.
  seconds: Math.max(0, to - from) / 1_000,
});
