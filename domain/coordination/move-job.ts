import type { JobEvent } from '../job/events.ts';
import type { JobState } from '../job/state.ts';
import { Job } from '../job/stream.ts';
import { progressOf } from '../job/view.ts';
import type { EventStore } from '../kernel/event-store.ts';
import type { JobId } from '../kernel/ids.ts';
import { runOf } from '../kernel/ids.ts';
import type { Instant } from '../kernel/instant.ts';
import type { Runtime } from '../kernel/runtime.ts';
import { type Change, change, fold, type Loaded } from '../kernel/stream.ts';
import type { Read } from '../kernel/transact.ts';
import { advance } from '../run/decide.ts';
import { Run } from '../run/stream.ts';

/** What coordinating streams takes. */
export interface Coordination {
  readonly store: EventStore;
  readonly runtime: Runtime;
}

export type LoadedJob = Loaded<JobState, JobEvent>;

export const loadJob = (read: Read, id: JobId): Promise<LoadedJob> => read(Job, id);

/** For a move that the run takes part in: both heads in one request. */
export async function loadJobWithRun(read: Read, id: JobId): Promise<LoadedJob> {
  const [job] = await Promise.all([read(Job, id), read(Run, runOf(id))]);
  return job;
}

/**
 * A job's events and what follows for its run, for one append: a run is never behind its jobs, so nobody has to be
 * told later, and a crash in between cannot happen.
 */
export async function moveJob(
  read: Read,
  job: LoadedJob,
  events: readonly JobEvent[],
  now: Instant,
): Promise<Change[]> {
  if (events.length === 0) return [];
  const moved = fold(Job, job.state, events, now);
  if (moved === undefined) return [];
  const progress = progressOf(moved);
  // That a command was sent, say, is nothing to the run.
  if (job.state && JSON.stringify(progressOf(job.state)) === JSON.stringify(progress))
    return [change(job, events, now)];
  const run = await read(Run, runOf(job.id as JobId));
  if (run.state === undefined) throw new Error(`job ${job.id} has no run`);
  const known = run.state.jobs.find(({ index }) => index === progress.index);
  const news = JSON.stringify(known) === JSON.stringify(progress) ? [] : advance(run.state, progress);
  return [change(job, events, now), ...(news.length > 0 ? [change(run, news, now)] : [])];
}
