import type { FleetEvent } from '../../domain/fleet/events.ts';
import type { InstanceEvent } from '../../domain/instance/events.ts';
import type { JobEvent } from '../../domain/job/events.ts';
import type { JobState } from '../../domain/job/state.ts';
import { queueOf } from '../../domain/job/stream.ts';
import type { JobId } from '../../domain/kernel/ids.ts';
import type { Commit } from '../../domain/kernel/stream.ts';
import type { RunState } from '../../domain/run/state.ts';
import type { Scene } from './scene.ts';
import type { Invariant } from './watch.ts';

/** More often in one wait, and it is handed to and fro: there are three fleets, each changed, closed or deleted a few times. */
const MOVES = 10;

interface Path {
  readonly names: ReadonlySet<string>;
  fleet: string;
  moves: number;
}

export interface MoveWatch {
  heed(commit: Commit): void;
  /** After a step in which these runs or their jobs have moved. */
  look(runs: Iterable<string>): void;
}

/** Whether a run is served by the fleets that it names, by one at a time, and leaves nothing in the one that it left. */
export function watchMoves(
  { store }: Pick<Scene, 'store'>,
  violated: (invariant: Invariant, what: string) => void,
): MoveWatch {
  const paths = new Map<string, Path>();
  const claimedBy = new Map<string, Map<string, JobId>>();
  const fleetOf = new Map<string, string>();

  function heedJob(id: string, event: JobEvent): void {
    if (event.type === 'JobQueued') {
      const { fleet, fleets } = event.spec;
      paths.set(id, { names: new Set([fleet, ...fleets]), fleet, moves: 0 });
    }
    const path = paths.get(id);
    if (path === undefined) return;
    if (event.type === 'SubmissionAssigned') path.moves = 0;
    if (event.type !== 'JobMoved') return;
    if (!path.names.has(event.fleet)) violated('fleet that it does not name', `${id} goes to ${event.fleet}`);
    for (const [instance, jobs] of claimedBy)
      if ([...jobs.values()].includes(id as JobId))
        violated('left in another fleet', `${instance} of ${path.fleet} is claimed by ${id}`);
    path.fleet = event.fleet;
    path.moves += 1;
    if (path.moves > MOVES) violated('handed to and fro', `${id} has moved ${path.moves} times`);
  }

  /** In this fleet something is promised to it, or paid for it. */
  function servedIn(fleet: string, id: string, what: string): void {
    const path = paths.get(id);
    if (path === undefined || path.fleet === fleet) return;
    violated('left in another fleet', `${what} of fleet ${fleet} for ${id}, which is in ${path.fleet}`);
  }

  function heedInstance(id: string, event: InstanceEvent): void {
    if (event.type === 'InstanceRequested' || event.type === 'InstanceOrdered') fleetOf.set(id, event.fleet);
    const jobs = claimedBy.get(id) ?? new Map<string, JobId>();
    claimedBy.set(id, jobs);
    switch (event.type) {
      case 'InstanceRequested':
      case 'InstanceClaimed':
      case 'BlocksClaimed': {
        const { job, submission } = event.claim;
        servedIn(fleetOf.get(id) ?? '', job, `a claim on ${id}`);
        jobs.set(`${job}-${submission}`, job);
        return;
      }
      case 'InstanceReleased':
        jobs.delete(`${event.claim.job}-${event.claim.submission}`);
        return;
      case 'LaunchRefused':
      case 'KillRequested':
      case 'TerminationRequested':
      case 'InstanceTerminated':
        claimedBy.delete(id);
        return;
      default:
        return;
    }
  }

  function heedFleet(fleet: string, event: FleetEvent): void {
    if (event.type === 'LaunchReserved') servedIn(fleet, event.job, 'a place');
    if (event.type === 'CostCommitted')
      for (const job of claimedBy.get(event.instance)?.values() ?? []) servedIn(fleet, job, 'money');
  }

  function lookAtRun(id: string): void {
    const run = store.heads.get(`Run-${id}`)?.state as RunState | undefined;
    if (run === undefined) return;
    for (const { index } of run.jobs) {
      const key = `Job-${id}-${index}`;
      const head = store.heads.get(key);
      if (head === undefined) continue;
      const { fleet } = head.state as JobState;
      if (fleet !== run.fleet) violated('run in two fleets', `${key} in ${fleet}, its run in ${run.fleet}`);
      if (head.work !== undefined && head.work.key !== queueOf(fleet))
        violated('left in another fleet', `${key} of ${fleet} waits in ${head.work.key}`);
    }
  }

  return {
    heed({ stream: { name, id }, events }) {
      if (name === 'Job') for (const event of events as JobEvent[]) heedJob(id, event);
      if (name === 'Instance') for (const event of events as InstanceEvent[]) heedInstance(id, event);
      if (name === 'Fleet') for (const event of events as FleetEvent[]) heedFleet(id, event);
    },
    look(runs) {
      for (const id of runs) lookAtRun(id);
    },
  };
}
