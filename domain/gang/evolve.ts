import type { Instant } from '../kernel/instant.ts';
import { isFinal } from '../kernel/status.ts';
import type { JobProgress, RunEvent } from '../run/events.ts';
import type { Gang, GangPhase } from './state.ts';

export const gangOf = (nodes: number, at: Instant): Gang | null =>
  nodes > 1 ? { phase: apart, arrivals: [], given_back: 0, moved_at: at } : null;

const apart: GangPhase = { kind: 'gathering', since: null };

/** `jobs`: as they are after the event. */
export function gangAfter(
  gang: Gang,
  event: Exclude<RunEvent, { type: 'RunSubmitted' }>,
  jobs: readonly JobProgress[],
  at: Instant,
): Gang {
  const moved = { ...gang, moved_at: at };
  switch (event.type) {
    case 'JobAdvanced':
      return followed(moved, jobs, at);
    case 'NodeArrived': {
      const { type: _, ...arrival } = event;
      return { ...moved, arrivals: [...gang.arrivals, arrival] };
    }
    case 'GangMet': {
      const { order, warnings } = event;
      return { ...moved, given_back: 0, phase: { kind: 'preparing', order, warnings, prepared: [] } };
    }
    case 'NodePrepared': {
      if (gang.phase.kind !== 'preparing')
        throw new Error(`a node prepared in a gang that is ${gang.phase.kind}`);
      const prepared = [...gang.phase.prepared, event.index];
      const all = prepared.length === jobs.length;
      return { ...moved, phase: all ? { kind: 'going' } : { ...gang.phase, prepared } };
    }
    case 'GangRefused':
      return { ...moved, phase: { kind: 'parting', how: 'refuse', message: event.message } };
    case 'GangParted': {
      const { because, message } = event;
      const begun = gang.phase.kind === 'preparing' || gang.phase.kind === 'going';
      const how = because === 'never_complete' ? 'give_up' : begun ? 'stop' : 'withdraw';
      return { ...moved, phase: { kind: 'parting', how, message } };
    }
    case 'GangGivenBack': {
      const { message } = event;
      return { ...moved, given_back: gang.given_back + 1, phase: { kind: 'giving_back', message } };
    }
    case 'RunMoved':
    case 'RunStopRequested':
    case 'RunFinished':
      return moved;
  }
}

/** A job has moved: who has left the rendezvous is not there any more, and once all wait the next round begins. */
function followed(gang: Gang, jobs: readonly JobProgress[], at: Instant): Gang {
  const { phase } = gang;
  if (phase.kind === 'gathering') {
    const here = gang.arrivals.filter(({ index, submission }) => isThere(jobs[index], submission));
    const since = jobs.some(hasInstance) ? (phase.since ?? at) : null;
    return { ...gang, arrivals: here, phase: { kind: 'gathering', since } };
  }
  return jobs.every(({ status }) => status === 'submitted') ? { ...gang, arrivals: [], phase: apart } : gang;
}

const hasInstance = ({ status }: JobProgress): boolean => status !== 'submitted' && !isFinal(status);

/** It has an instance under this number, and no word of its end. */
const isThere = (job: JobProgress | undefined, submission: number): boolean =>
  job?.submission === submission && hasInstance(job);
