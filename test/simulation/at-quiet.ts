import { unwantedGroup } from '../../domain/fleet/placement-group.ts';
import { notAdmitted } from '../../domain/fleet/rollout.ts';
import type { FleetState } from '../../domain/fleet/state.ts';
import type { InstanceState } from '../../domain/instance/state.ts';
import { START_LIMIT } from '../../domain/job/retry.ts';
import { isOfGang, type JobState } from '../../domain/job/state.ts';
import { isFinal } from '../../domain/kernel/status.ts';
import { type RunState, statusOf } from '../../domain/run/state.ts';
import type { Placed } from '../fakes/world.ts';
import type { Once } from './ledger.ts';
import type { Harm, Scene } from './scene.ts';
import type { Watch } from './watch.ts';
import { leftOnMachines } from './watch-containers.ts';

/** What must hold when nothing has gone wrong for a long time. `runs`: those that were accepted. */
export function lookAtQuiet(scene: Scene, runs: readonly string[], watch: Watch): void {
  const { store } = scene;
  for (const id of runs) {
    const run = store.heads.get(`Run-${id}`)?.state as RunState | undefined;
    if (run === undefined || !isFinal(statusOf(run))) {
      watch.violated('run not final', `${id}: ${JSON.stringify(run?.phase)}`);
      continue;
    }
    const unbegun = nodesNeverBegun(scene, run);
    if (statusOf(run) === 'done' && unbegun.length > 0)
      watch.violated('half-started gang', `${id} is done, and never began on ${unbegun.join()}`);
    for (const { index } of run.jobs) {
      const job = store.heads.get(`Job-${id}-${index}`)?.state as JobState;
      const problem = outcomeProblem(scene, watch, job);
      if (problem !== undefined) watch.violated('outcome is not what happened', `${id}-${index}: ${problem}`);
    }
  }
  const recorded = [...store.heads.keys()].filter((key) => key.startsWith('Run-'));
  for (const key of recorded)
    if (!runs.includes(key.slice('Run-'.length)))
      watch.violated('acknowledged, not recorded', `${key} was refused`);
  lookAtMachines(scene, watch);
  for (const left of leftOnMachines(scene)) watch.violated('left on a machine', left);
  lookAtCounts(scene, watch);
  if (scene.deadLetters.ids().length > 0) watch.violated('letter left', scene.deadLetters.ids().join(', '));
}

function lookAtMachines(scene: Scene, watch: Watch): void {
  const { world } = scene;
  const { ledgers, withheld } = watch.fleets;
  const alive = [...world.machines.values()].filter(({ state }) => state !== 'terminated');
  const byFleet = Map.groupBy(alive, ({ intent }) => String(intent.fleet));
  for (const [name, { keeps, places }] of ledgers) {
    const own = byFleet.get(name) ?? [];
    const has = `fleet ${name} keeps ${keeps} and has ${own.map(({ ec2, state }) => `${ec2} ${state}`).join(', ')}`;
    if (own.length > keeps) watch.violated('machine left running', has);
    if (own.length < keeps || own.some(({ state }) => state !== 'running'))
      watch.violated('kept nodes missing', has);
    if (places.size > own.length)
      watch.violated('reservation left', `${has} on ${[...places.keys()].join(', ')}`);
  }
  for (const group of strayGroups(scene)) watch.violated('placement group left', group);
  for (const outside of outsideTheirFleets(scene)) watch.violated('not let in by its fleet', outside);
  for (const { ec2, intent } of alive)
    if (withheld.get(intent.instance) === 'drain') watch.violated('drained instance left', ec2);
}

/** Machines that are up, though their fleet's configuration does not admit them. */
const outsideTheirFleets = ({ world, store }: Scene): string[] =>
  [...world.machines.values()].flatMap(({ ec2, state, intent }) => {
    const fleet = store.heads.get(`Fleet-${intent.fleet}`)?.state as FleetState | undefined;
    if (state !== 'running' || fleet === undefined) return [];
    const why = notAdmitted(fleet.configuration, intent.offer, 1);
    return why === null ? [] : [`${ec2} in fleet ${intent.fleet}: ${why}`];
  });

/** Those that no fleet has, or that its fleet should be rid of. */
const strayGroups = ({ world, store }: Scene): string[] =>
  [...world.groups.values()].flatMap(({ id, fleet }) => {
    const state = store.heads.get(`Fleet-${fleet}`)?.state as FleetState | undefined;
    return state?.group?.id === id && unwantedGroup(state) === null ? [] : [id];
  });

/** Each launch ended in one way, each start was measured once. */
function lookAtCounts({ store }: Scene, watch: Watch): void {
  const counted = new Map<string, { boots: number; starts: number }>();
  for (const { key, observations } of store.observed) {
    const stream = key.slice(0, key.lastIndexOf('/'));
    const own = counted.get(stream) ?? { boots: 0, starts: 0 };
    counted.set(stream, own);
    for (const one of observations) {
      if (one.of === 'boot') own.boots += 1;
      if (one.of === 'duration' && one.duration === 'time_from_queue_to_start') own.starts += 1;
    }
  }
  for (const [key, { state }] of store.heads) {
    const { boots, starts } = counted.get(key) ?? { boots: 0, starts: 0 };
    if (key.startsWith('Job-')) {
      const begun = (state as JobState).past.filter(({ started_at }) => started_at !== null).length;
      if (begun !== starts)
        watch.violated('counts are not what happened', `${starts} of ${begun} starts of ${key}`);
    }
    if (!key.startsWith('Instance-')) continue;
    const { kind } = (state as InstanceState).phase;
    if (boots !== (kind === 'requested' || kind === 'booting' ? 0 : 1))
      watch.violated('counts are not what happened', `${boots} outcomes of ${key}, ${kind}`);
  }
}

export const areFinal = ({ store }: Scene, runs: readonly string[]): boolean =>
  runs.every((id) => {
    const run = store.heads.get(`Run-${id}`)?.state as RunState | undefined;
    return run !== undefined && isFinal(statusOf(run));
  });

/** Whether there is nothing left to wait for once all runs are final: each fleet has what it keeps for good, and no more. */
export const isAtRest = (scene: Scene, { fleets }: Watch): boolean => {
  const { world, deadLetters } = scene;
  const alive = [...world.machines.values()].filter(({ state }) => state !== 'terminated');
  return (
    deadLetters.ids().length === 0 &&
    leftOnMachines(scene).length === 0 &&
    strayGroups(scene).length === 0 &&
    outsideTheirFleets(scene).length === 0 &&
    alive.every(
      ({ state, intent }) => state === 'running' && fleets.withheld.get(intent.instance) !== 'drain',
    ) &&
    [...fleets.ledgers].every(
      ([name, { keeps, places }]) =>
        places.size === keeps && alive.filter(({ intent }) => intent.fleet === name).length === keeps,
    )
  );
};

export const keepsNone = ({ fleets }: Watch): boolean =>
  [...fleets.ledgers.values()].every(({ keeps }) => keeps === 0);

const takenAway = new Set<string>(['spot', 'outside', 'dead man', 'operator']);

/** Of a run whose nodes all have to end: those whose disk knows of no begin in its last round. */
function nodesNeverBegun({ store, world }: Scene, { id, jobs, gang, configuration }: RunState): string[] {
  if (gang === null || configuration.stop_criteria !== 'all-done') return [];
  const begun = new Set(
    [...world.machines.values()].flatMap(({ submissions }) =>
      [...submissions].flatMap(([submission, { started_at }]) => (started_at === null ? [] : [submission])),
    ),
  );
  return jobs.flatMap(({ index }) => {
    const job = store.heads.get(`Job-${id}-${index}`)?.state as JobState | undefined;
    const last = job?.past.at(-1);
    const submission = `${id}-${index}-${last?.submission}`;
    return begun.has(submission) ? [] : [submission];
  });
}

/** It may be there on some nodes and not on others, and then all are refused. */
function isKept({ store }: Scene, { run }: JobState): boolean {
  const state = store.heads.get(`Run-${run}`)?.state as RunState | undefined;
  return (state?.configuration.container?.lifetime ?? 'per_run') !== 'per_run';
}

/** The record's word against what the disk and the world know. */
function outcomeProblem(scene: Scene, watch: Watch, job: JobState): string | undefined {
  if (job.phase.kind !== 'ended') return `its run is final, and it is ${job.phase.kind}`;
  const { status, reason } = job.phase;
  const stoppedByUser = watch.stops.has(job.run);
  // Each of the fleets that it names was, one day, no place for it.
  const every = (...what: readonly Once[]) =>
    [...new Set([job.fleet, ...job.fleets])].every((name) =>
      what.some((one) => watch.fleets.ledgers.get(name)?.once.has(one)),
    );
  const last = job.past.at(-1);
  const machine = [...scene.world.machines.values()].find(({ intent }) => intent.instance === last?.instance);
  const own: Placed | undefined = machine?.submissions.get(`${job.run}-${job.index}-${last?.submission}`);
  const doom = last && scene.doomed.get(last.instance);
  const harms: Harm[] = machine ? [...scene.harmsOf(machine)] : doom ? [doom] : [];
  const so = (holds: boolean | undefined) =>
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
      return so(
        own?.exit?.cause === 'setup' ||
          own?.exit?.cause === 'fetch' ||
          // Each of so many nodes was no good, or its user stopped the run before its nodes were given others.
          ((own?.exit?.cause === 'health' || own?.exit?.cause === 'instance') &&
            (job.past.length >= START_LIMIT || (isOfGang(job) && stoppedByUser))),
      );
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
          // It leaves nothing for the job: no money, no place, or not itself.
          every('budgeted', 'keeping', 'deleted') ||
          scene.chance.struck.some((element) =>
            /^(launch|machine never|machine boots|machine taken|machine lacks|user data never)/.test(element),
          ),
      );
    case 'creating_container_error':
      return so(isOfGang(job) && isKept(scene, job));
    case 'waiting_runner_limit_exceeded':
      // It would have been placed anew, had another node not ended the round.
      return so(isOfGang(job) && own === undefined);
    case 'terminated_by_server':
      return so(
        // With another node of its run.
        (isOfGang(job) && status === 'terminated') ||
          harms.includes('budget spent') ||
          harms.includes('fleet deleted'),
      );
  }
}
