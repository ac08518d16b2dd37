import { MASTER } from '../gang/terms.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import { isFinal, type StopMode } from '../kernel/status.ts';
import type { JobProgress, RunEvent, RunReason } from './events.ts';
import type { RunState } from './state.ts';

/** A job has moved: the run follows, and ends with the last of its jobs. */
export function advance(run: RunState, job: JobProgress): RunEvent[] {
  if (run.phase.kind === 'finished') return [];
  const jobs = run.jobs.map((known) => (known.index === job.index ? job : known));
  const advanced: RunEvent = { type: 'JobAdvanced', job };
  if (!jobs.every((each) => isOver(run, each))) return [advanced];
  return [advanced, { type: 'RunFinished', ...outcome(run, jobs) }];
}

/** A node whose submission is over may be tried again with the others, until its job has a reason to be over. */
const isOver = ({ gang }: RunState, { status, reason }: JobProgress): boolean =>
  isFinal(status) && (gang === null || reason !== null);

export type StopRefusal = { readonly kind: 'already-finished' };

/** An abort overtakes a graceful stop; asking for the same again changes nothing. */
export function stop(run: RunState, mode: StopMode, by: string): Result<RunEvent[], StopRefusal> {
  switch (run.phase.kind) {
    case 'finished':
      return fail({ kind: 'already-finished' });
    case 'stopping':
      return ok(
        run.phase.mode === mode || mode === 'graceful' ? [] : [{ type: 'RunStopRequested', mode, by }],
      );
    case 'active':
      return ok([{ type: 'RunStopRequested', mode, by }]);
  }
}

function outcome(
  { configuration }: RunState,
  jobs: readonly JobProgress[],
): {
  status: 'done' | 'failed' | 'terminated' | 'aborted';
  reason: RunReason;
} {
  const has = (status: JobProgress['status']) => jobs.some((job) => job.status === status);
  if (configuration.stop_criteria === 'master-done' && jobs[MASTER]?.status === 'done' && !has('failed'))
    return { status: 'done', reason: 'all_jobs_done' };
  if (has('failed')) return { status: 'failed', reason: 'job_failed' };
  if (has('aborted')) return { status: 'aborted', reason: 'aborted_by_user' };
  if (has('terminated')) return { status: 'terminated', reason: terminatedBecause(jobs) };
  return { status: 'done', reason: 'all_jobs_done' };
}

const terminatedBecause = (jobs: readonly JobProgress[]): RunReason =>
  jobs.some((job) => job.reason === 'terminated_by_user')
    ? 'stopped_by_user'
    : jobs.some((job) => job.reason === 'max_duration_exceeded')
      ? 'max_duration_exceeded'
      : 'server_error';
