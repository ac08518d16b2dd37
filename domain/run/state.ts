import { gangAfter, gangOf } from '../gang/evolve.ts';
import type { Gang } from '../gang/state.ts';
import type { Instant } from '../kernel/instant.ts';
import { unreachable } from '../kernel/result.ts';
import { type FinalStatus, isFinal, type JobStatus, type StopMode } from '../kernel/status.ts';
import type { JobProgress, RunEvent, RunReason, RunSubmitted } from './events.ts';

type Submitted = Omit<RunSubmitted, 'type'>;

export type RunState = Submitted & {
  readonly submitted_at: Instant;
  readonly jobs: readonly JobProgress[];
  /** null: a run of one node. */
  readonly gang: Gang | null;
  readonly phase:
    | { readonly kind: 'active' }
    | { readonly kind: 'stopping'; readonly mode: StopMode; readonly at: Instant }
    | {
        readonly kind: 'finished';
        readonly status: FinalStatus;
        readonly reason: RunReason;
        readonly at: Instant;
      };
};

export function evolve(state: RunState | undefined, event: RunEvent, at: Instant): RunState {
  if (event.type === 'RunSubmitted') {
    const { type: _, ...submitted } = event;
    return {
      ...submitted,
      submitted_at: at,
      jobs: queuedJobs(event.configuration.nodes),
      gang: gangOf(event.configuration.nodes, at),
      phase: { kind: 'active' },
    };
  }
  if (state === undefined) throw new Error(`${event.type} on a run that was never submitted`);
  const next = moved(state, event, at);
  return state.gang === null ? next : { ...next, gang: gangAfter(state.gang, event, next.jobs, at) };
}

function moved(state: RunState, event: Exclude<RunEvent, RunSubmitted>, at: Instant): RunState {
  switch (event.type) {
    case 'JobAdvanced':
      return { ...state, jobs: state.jobs.map((job) => (job.index === event.job.index ? event.job : job)) };
    case 'RunMoved':
      return { ...state, fleet: event.fleet };
    case 'RunStopRequested':
      return { ...state, phase: { kind: 'stopping', mode: event.mode, at } };
    case 'RunFinished':
      return { ...state, phase: { kind: 'finished', status: event.status, reason: event.reason, at } };
    case 'NodeArrived':
    case 'GangMet':
    case 'GangRefused':
    case 'NodePrepared':
    case 'GangParted':
    case 'GangGivenBack':
      return state;
    default:
      return unreachable(event);
  }
}

/** A run is as far as the furthest of its jobs, until it is being stopped or has ended. */
export function statusOf(run: RunState): JobStatus {
  if (run.phase.kind === 'finished') return run.phase.status;
  if (run.phase.kind === 'stopping') return 'terminating';
  const has = (status: JobStatus) => run.jobs.some((job) => job.status === status);
  const isLeaving = has('terminating') || run.jobs.some((job) => isFinal(job.status));
  if (has('running') || (isLeaving && mayHaveBegun(run))) return 'running';
  if (has('pulling')) return 'pulling';
  return has('provisioning') || isLeaving ? 'provisioning' : 'submitted';
}

/** Of several nodes none begins before `going`: one that is over until then was never running. */
function mayHaveBegun({ gang }: RunState): boolean {
  if (gang === null) return true;
  const { phase } = gang;
  return phase.kind === 'going' || (phase.kind === 'parting' && phase.how === 'stop');
}

const queuedJobs = (nodes: number): JobProgress[] =>
  Array.from({ length: nodes }, (_, index) => ({
    index,
    status: 'submitted',
    submission: 0,
    reason: null,
    message: null,
    exit_status: null,
    instance: null,
    offer: null,
    image_id: null,
  }));
