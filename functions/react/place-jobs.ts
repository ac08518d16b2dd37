import { MOST_INSTANCES } from '../../domain/configuration/most-instances.ts';
import { Fleet } from '../../domain/fleet/stream.ts';
import { freeBlocks } from '../../domain/instance/claims.ts';
import { checkFor } from '../../domain/instance/health.ts';
import { Instance, poolOf } from '../../domain/instance/stream.ts';
import { Job, queueOf } from '../../domain/job/stream.ts';
import { type FleetName, type InstanceId, runOf } from '../../domain/kernel/ids.ts';
import { plannerOver } from '../../domain/scheduling/catalogue-planner.ts';
import type { Decision } from '../../domain/scheduling/decision.ts';
import { schedule } from '../../domain/scheduling/schedule.ts';
import type { Pooled } from '../../domain/scheduling/snapshot.ts';
import { carryOut, type Known } from './carry-out.ts';
import { withGangs } from './gangs-of.ts';
import { otherFleets } from './other-fleets.ts';
import type { Reactive } from './ports.ts';
import type { Rung, Step } from './step.ts';

// A fleet that is full has nothing for whoever stands further back than its first few, and a pass is made for each
// instance that is free again. Only where something is left for them are more of the queue read: a page or two.
const FIRST = 50;
const QUEUE = 500;
/** Waiting jobs that are told why at once: a full fleet would else write its whole queue in one burst. */
const TOLD_AT_ONCE = 50;

/** One pass over a fleet: reads snapshots, decides, and carries the decisions out against the arbiters. */
export async function placeJobs(on: Reactive, fleet: FleetName, rung: Rung): Promise<Step[]> {
  const [head, jobs, instances, memories] = await Promise.all([
    on.store.load(Fleet, fleet),
    on.store.work(Job, queueOf(fleet), FIRST),
    on.store.work(Instance, poolOf(fleet), MOST_INSTANCES),
    otherFleets(on, fleet),
  ]);
  const pooled: Pooled[] = upToDate(instances, rung.instances);
  const snapshot = {
    pool: pooled,
    fleet: head.state,
    others: memories,
    limit: on.settings.fleetInstances,
    launches: on.settings.concurrentLaunches,
    now: on.runtime.now(),
  };
  const planner = plannerOver(on.catalogue, on.settings.zones, on.settings.priceFactor);
  let waitingNow = await withGangs(on, upToDate(jobs, rung.jobs));
  let decisions = schedule({ ...snapshot, ...waitingNow }, planner);
  if (jobs.length === FIRST && isSomethingLeft(decisions, jobs, pooled)) {
    waitingNow = await withGangs(on, upToDate(await on.store.work(Job, queueOf(fleet), QUEUE), rung.jobs));
    decisions = schedule({ ...snapshot, ...waitingNow }, planner);
  }
  const check = head.state?.configuration?.health ?? null;
  const rang = new Set(rung.jobs.map(({ id }) => id));
  const known: Known = {
    instances: new Map(
      pooled.map(({ id, state }) => [
        id,
        { offer: state.offer, blocks: state.blocks, check: checkFor(check, state) },
      ]),
    ),
    waiting: new Map(waitingNow.queue.map((job) => [job.id, { ...job, rang: rang.has(job.id) }])),
    launched: new Map(),
    check,
  };
  const carry = (decision: Decision) => carryOut(on, fleet, decision, known);
  // Launches share the fleet's head, and the nodes of a run share the run's: one after the other they do not race each
  // other. Who joins a launch comes after it.
  const isShared = (one: Decision) =>
    one.kind === 'launch' ||
    one.kind === 'join' ||
    (one.kind === 'assign' && waitingNow.runs.has(runOf(one.job)));
  const inTurn = decisions.filter(isShared);
  const waits = decisions.filter(({ kind }) => kind === 'wait');
  const others = decisions.filter((one) => !inTurn.includes(one) && one.kind !== 'wait');
  const steps = await Promise.all([...onInstances(others).values()].map(oneByOne(carry)));
  steps.push(await oneByOne(carry)(inTurn));
  for (let told = 0; told < waits.length; told += TOLD_AT_ONCE)
    steps.push(...(await Promise.all(waits.slice(told, told + TOLD_AT_ONCE).map(carry))));
  return steps.flat();
}

/** Those on one instance share its head. */
const onInstances = (decisions: readonly Decision[]): Map<string, Decision[]> =>
  Map.groupBy(decisions, (one) => ('instance' in one ? one.instance : 'job' in one ? one.job : one.run));

const oneByOne =
  (carry: (decision: Decision) => Promise<Step[]>) =>
  async (decisions: readonly Decision[]): Promise<Step[]> => {
    const steps: Step[] = [];
    for (const decision of decisions) steps.push(...(await carry(decision)));
    return steps;
  };

/** Whether those behind the first of the queue could have something, or somebody among them is served before his turn. */
function isSomethingLeft(
  decisions: readonly Decision[],
  first: readonly { readonly id: string }[],
  pool: readonly Pooled[],
): boolean {
  const inTurn = new Set(first.map(({ id }) => id));
  const taken = Map.groupBy(
    decisions.filter((one) => one.kind === 'assign'),
    ({ instance }) => instance,
  );
  const takenOf = (id: InstanceId) =>
    (taken.get(id) ?? []).reduce((sum, { blocks }) => sum + blocks.length, 0);
  const idle = pool.some(({ id, state }) => freeBlocks(state).length > takenOf(id));
  const full = decisions.some((one) => one.kind === 'wait' && one.wait.kind === 'fleet_limit');
  const early = decisions.some(
    (one) => (one.kind === 'assign' || one.kind === 'launch' || one.kind === 'join') && !inTurn.has(one.job),
  );
  return idle || !full || early;
}

/**
 * What an index shows, and over it what was read just now: the index may be behind, and what has rung rings only once.
 * What it does not show yet would wait for its next look, a minute away.
 */
function upToDate<Id extends string, State extends object>(
  indexed: readonly { readonly id: string; readonly state: State | undefined }[],
  rung: readonly { readonly id: Id; readonly state: State }[],
): { readonly id: Id; readonly state: State }[] {
  const all = new Map(indexed.flatMap(({ id, state }) => (state ? [[id as Id, state] as const] : [])));
  for (const { id, state } of rung) all.set(id, state);
  return [...all].map(([id, state]) => ({ id, state }));
}
