import { iso } from '../kernel/instant.ts';
import type { Stream } from '../kernel/stream.ts';
import { RunEvent } from './events.ts';
import { evolve, type RunState } from './state.ts';
import { summary } from './view.ts';

export const runList = (project: string): string => `runs#${project}`;
export const activeRuns = (project: string): string => `active#${project}`;

export const Run: Stream<RunState, RunEvent> = {
  name: 'Run',
  event: RunEvent,
  evolve,
  view: (run) => summary(run),
  // No due time: a run moves with its jobs, in the same append.
  placement: (run, id) => ({
    list: { key: runList(run.project), sort: `${iso(run.submitted_at)}#${id}` },
    ...(run.phase.kind === 'finished' ? {} : { work: { key: activeRuns(run.project), sort: id } }),
  }),
};
