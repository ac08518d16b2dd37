import type { JobEvent } from '../job/events.ts';
import { Job } from '../job/stream.ts';
import { progressOf } from '../job/view.ts';
import type { Instant } from '../kernel/instant.ts';
import { type Change, change, changesOf, fold, type Loaded } from '../kernel/stream.ts';
import { advance } from '../run/decide.ts';
import type { RunEvent } from '../run/events.ts';
import type { RunState } from '../run/state.ts';
import { Run } from '../run/stream.ts';
import type { LoadedJob } from './move-job.ts';

export interface Move {
  readonly job: LoadedJob;
  readonly events: readonly JobEvent[];
}

/** Several jobs of a run and what follows for the run, for one append; `decided`: of the run itself, before they move. */
export function moveTogether(
  run: Loaded<RunState, RunEvent>,
  decided: readonly RunEvent[],
  moves: readonly Move[],
  now: Instant,
): Change[] {
  let state = fold(Run, run.state, decided, now);
  const events = [...decided];
  const changes: Change[] = [];
  for (const { job, events: own } of moves) {
    const moved = own.length > 0 ? fold(Job, job.state, own, now) : undefined;
    if (moved === undefined || state === undefined) continue;
    changes.push(change(job, own, now));
    const progress = progressOf(moved);
    const known = state.jobs.find(({ index }) => index === progress.index);
    if (JSON.stringify(known) === JSON.stringify(progress)) continue;
    const news = advance(state, progress);
    events.push(...news);
    state = fold(Run, state, news, now);
  }
  return [...changesOf(run, events, now), ...changes];
}
