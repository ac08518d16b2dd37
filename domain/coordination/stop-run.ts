import { abandon, release } from '../instance/decide.ts';
import { isReady } from '../instance/state.ts';
import { Instance } from '../instance/stream.ts';
import { requestStop } from '../job/decide.ts';
import { attemptOf } from '../job/state.ts';
import { Job } from '../job/stream.ts';
import { progressOf } from '../job/view.ts';
import { type JobId, jobId, type RunId } from '../kernel/ids.ts';
import type { Instant } from '../kernel/instant.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import { isFinal, type StopMode, type TerminationReason } from '../kernel/status.ts';
import { type Change, change, changesOf, fold, type Provenance } from '../kernel/stream.ts';
import { type Read, transact } from '../kernel/transact.ts';
import { advance, stop } from '../run/decide.ts';
import { Run } from '../run/stream.ts';
import { type Coordination, type LoadedJob, loadJob } from './move-job.ts';

export type StopRefusal = { readonly kind: 'unknown-run' } | { readonly kind: 'already-finished' };

// A transaction has 100 items at most: two for the run, and four for each job with its instance.
const JOBS_AT_ONCE = 20;

type Stopped = Result<'all' | 'more', StopRefusal>;

/**
 * The user's stop: the run and its jobs in one append, those of a large run in a few. Jobs that nobody has started end
 * at once. Asked again, it goes on where it was cut short; a reaction asks, in case its user does not.
 */
export async function stopRun(
  on: Coordination,
  provenance: Provenance,
  id: RunId,
  mode: StopMode,
): Promise<Result<'stopping', StopRefusal>> {
  for (let first = 0; ; first += JOBS_AT_ONCE) {
    const stopped = await stopSome(on, provenance, id, { mode, first });
    // Its jobs may all have ended before the last of them were asked to.
    if (!stopped.ok) return first === 0 ? stopped : ok('stopping');
    if (stopped.value === 'all') return ok('stopping');
  }
}

function stopSome(
  on: Coordination,
  provenance: Provenance,
  id: RunId,
  { mode, first }: { readonly mode: StopMode; readonly first: number },
): Promise<Stopped> {
  return transact<Stopped>(on, provenance, async (read) => {
    const run = await read(Run, id);
    if (run.state === undefined) return { changes: [], result: fail({ kind: 'unknown-run' }) };
    const decided = stop(run.state, mode, provenance.by);
    if (!decided.ok) return { changes: [], result: decided };
    const now = on.runtime.now();
    const some = run.state.jobs.slice(first, first + JOBS_AT_ONCE);
    const jobs = await Promise.all(some.map(({ index }) => loadJob(read, jobId(id, index))));
    const reason = mode === 'abort' ? 'aborted_by_user' : 'terminated_by_user';
    const stopped = await Promise.all(jobs.map((job) => stopJob(read, job, mode, reason, now)));
    const told = stopped.reduce(
      (state, { progress }) => {
        if (progress === null || state.current === undefined) return state;
        const events = advance(state.current, progress);
        return { events: [...state.events, ...events], current: fold(Run, state.current, events, now) };
      },
      { events: decided.value, current: fold(Run, run.state, decided.value, now) },
    );
    return {
      changes: [...changesOf(run, told.events, now), ...stopped.flatMap(({ changes }) => changes)],
      result: ok(first + JOBS_AT_ONCE < run.state.jobs.length ? 'more' : 'all'),
    };
  });
}

/**
 * A job that ends here without its runner's word leaves an instance on which its commands may run, or be about to: it
 * ends too, or takes no other job where others are on it. One that was not ready yet cannot have been told to start anything, and is freed.
 */
async function stopJob(read: Read, job: LoadedJob, mode: StopMode, reason: TerminationReason, now: Instant) {
  const events = job.state ? requestStop(job.state, mode, reason) : [];
  const moved = fold(Job, job.state, events, now);
  if (job.state === undefined || moved === undefined || events.length === 0)
    return { progress: null, changes: [] as Change[] };
  const attempt = attemptOf(job.state);
  const instance =
    attempt && isFinal(progressOf(moved).status) ? await read(Instance, attempt.instance) : undefined;
  const claim = attempt && { job: job.id as JobId, submission: attempt.submission };
  const fate =
    claim && instance?.state
      ? isReady(instance.state)
        ? abandon(instance.state, claim, { reason: 'aborted_by_user', message: 'a job on it was aborted' })
        : release(instance.state, claim)
      : [];
  return {
    progress: progressOf(moved),
    changes: [
      change(job, events, now),
      ...(instance && fate.length > 0 ? [change(instance, fate, now)] : []),
    ],
  };
}
