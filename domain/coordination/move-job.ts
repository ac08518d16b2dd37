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
import type { RunEvent } from '../run/events.ts';
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

/** A job and what happens to it. */
export interface Move {
  readonly job: LoadedJob;
  readonly events: readonly JobEvent[];
}

/**
 * A job's events and what follows for its run, for one append: a run is never behind its jobs, so nobody has to be
 * told later, and a crash in between cannot happen.
 */
export const moveJob = (
  read: Read,
  job: LoadedJob,
  events: readonly JobEvent[],
  now: Instant,
): Promise<Change[]> => moveJobs(read, [{ job, events }], now);

/** The same for several jobs, each once. A run of more than one of them is told of all. */
export async function moveJobs(read: Read, moves: readonly Move[], now: Instant): Promise<Change[]> {
  const moved = moves.filter(({ events }) => events.length > 0);
  const told = Map.groupBy(moved.filter(isNews(now)), ({ job }) => runOf(job.id as JobId));
  const runs = await Promise.all(
    [...told].map(async ([id, itsMoves]) => {
      const run = await read(Run, id);
      if (run.state === undefined) throw new Error(`job ${itsMoves[0]?.job.id} has no run`);
      let [state, news] = [run.state, [] as RunEvent[]];
      for (const { job, events } of itsMoves) {
        const after = fold(Job, job.state, events, now);
        const progress = after && progressOf(after);
        const known = progress && state.jobs.find(({ index }) => index === progress.index);
        if (!progress || JSON.stringify(known) === JSON.stringify(progress)) continue;
        const advanced = advance(state, progress);
        news = [...news, ...advanced];
        state = fold(Run, state, advanced, now) ?? state;
      }
      return news.length > 0 ? [change(run, news, now)] : [];
    }),
  );
  return [...moved.map(({ job, events }) => change(job, events, now)), ...runs.flat()];
}

/** That a command was sent, say, is nothing to the run. */
const isNews =
  (now: Instant) =>
  ({ job, events }: Move): boolean => {
    const after = fold(Job, job.state, events, now);
    const [was, is] = [job.state, after].map((state) => state && JSON.stringify(progressOf(state)));
    return was !== is;
  };
