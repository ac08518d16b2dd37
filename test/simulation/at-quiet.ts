import type { FleetState } from '../../domain/fleet/state.ts';
import { isOfGang, type JobState } from '../../domain/job/state.ts';
import { isFinal } from '../../domain/kernel/status.ts';
import { type RunState, statusOf } from '../../domain/run/state.ts';
import type { Placed } from '../fakes/world.ts';
import type { Scene } from './scene.ts';
import type { Watch } from './watch.ts';

/** What must hold when nothing has gone wrong for a long time. `runs`: those that were accepted. */
export function lookAtQuiet(scene: Scene, runs: readonly string[], watch: Watch): void {
  const { store, world } = scene;
  for (const id of runs) {
    const run = store.heads.get(`Run-${id}`)?.state as RunState | undefined;
    if (run === undefined || !isFinal(statusOf(run))) {
      watch.violated('run not final', `${id}: ${JSON.stringify(run?.phase)}`);
      continue;
    }
    for (const { index } of run.jobs) {
      const job = store.heads.get(`Job-${id}-${index}`)?.state as JobState;
      const problem = outcomeProblem(scene, job, watch.stops.has(id));
      if (problem !== undefined) watch.violated('outcome is not what happened', `${id}-${index}: ${problem}`);
    }
  }
  for (const { ec2, state } of world.machines.values())
    if (state !== 'terminated') watch.violated('machine left running', `${ec2} is ${state}`);
  const left = reservationsOf(store);
  if (left.length > 0) watch.violated('reservation left', JSON.stringify(left));
}

export const areFinal = ({ store }: Scene, runs: readonly string[]): boolean =>
  runs.every((id) => {
    const run = store.heads.get(`Run-${id}`)?.state as RunState | undefined;
    return run !== undefined && isFinal(statusOf(run));
  });

/** Whether there is nothing left to wait for once all runs are final. */
export const isAtRest = ({ store, world }: Scene): boolean =>
  [...world.machines.values()].every(({ state }) => state === 'terminated') &&
  reservationsOf(store).length === 0;

const reservationsOf = (store: Scene['store']) =>
  (store.heads.get('Fleet-default')?.state as FleetState | undefined)?.reservations ?? [];

const takenAway = new Set<string>(['spot', 'outside', 'dead man', 'operator']);

/** The record's word against what the disk and the world know. */
function outcomeProblem(scene: Scene, job: JobState, stoppedByUser: boolean): string | undefined {
  if (job.phase.kind !== 'ended') return `its run is final, and it is ${job.phase.kind}`;
  const { status, reason } = job.phase;
  const last = job.past.at(-1);
  const machine = [...scene.world.machines.values()].find(({ intent }) => intent.instance === last?.instance);
  const own: Placed | undefined = machine?.submissions.get(`${job.run}-${job.index}-${last?.submission}`);
  const harms = [...(machine ? scene.lifeOf(machine.ec2).harms : [])];
  const so = (holds: boolean) =>
    holds
      ? undefined
      : `${status} for ${reason}, but ${JSON.stringify({ exit: own?.exit, harms, stoppedByUser })}`;
  switch (reason) {
    case 'done_by_runner':
      return so(status === 'done' && own?.exit?.cause === 'commands' && own.exit.status === 0);
    case 'container_exited_with_error':
      return so(
        own?.exit?.cause === 'commands' && own.exit.status === last?.exit_status && last.exit_status !== 0,
      );
    case 'max_duration_exceeded':
      return so(own?.exit?.cause === 'max_duration');
    case 'executor_error':
      return so(own?.exit?.cause === 'setup' || own?.exit?.cause === 'fetch');
    case 'terminated_by_user':
    case 'aborted_by_user':
      return so(stoppedByUser);
    case 'instance_unreachable':
      return so(harms.includes('runner died') || harms.includes('agent gone'));
    case 'interrupted_by_no_capacity':
      return so(harms.some((harm) => takenAway.has(harm)));
    case 'failed_to_start_due_to_no_capacity':
      return so(
        isOfGang(job) ||
          job.creation_policy === 'reuse' ||
          scene.chance.struck.some((element) => /^(launch|machine never|machine boots)/.test(element)),
      );
    // With another node of its run.
    case 'terminated_by_server':
      return so(isOfGang(job) && status === 'terminated');
    case 'creating_container_error':
    case 'waiting_runner_limit_exceeded':
      return so(false);
  }
}
