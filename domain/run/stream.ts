import { gangDue } from '../gang/state.ts';
import { iso } from '../kernel/instant.ts';
import type { Stream } from '../kernel/stream.ts';
import { RunEvent } from './events.ts';
import { evolve, type RunState } from './state.ts';
import { summary } from './view.ts';

export const runList = (project: string): string => `runs#${project}`;
export const activeRuns = (project: string): string => `active#${project}`;

/** By time: an id of before idempotency keys were stored was made of the key, and has no time in it. */
export const placeInLists = ({ submitted_at, id }: RunState): string => `${iso(submitted_at)}#${id}`;

export const Run: Stream<RunState, RunEvent> = {
  name: 'Run',
  shape: 7,
  event: RunEvent,
  evolve,
  // The run of a single job moves with it; the nodes of several are settled by a reaction.
  rests: (run) => run.gang === null || run.phase.kind === 'finished',
  view: (run) => summary(run),
  // A run moves with its jobs, in the same append; only where several have to be of one mind is there more to do.
  placement: (run) => {
    const sort = placeInLists(run);
    return {
      list: { key: runList(run.project), sort },
      ...(run.phase.kind === 'finished' ? {} : { work: { key: activeRuns(run.project), sort } }),
      ...(run.phase.kind === 'finished' || run.gang === null ? {} : { due: gangDue(run.gang) }),
    };
  },
};
