import { freeBlocks } from '../../domain/instance/claims.ts';
import { checkFor } from '../../domain/instance/health.ts';
import type { JobState } from '../../domain/job/state.ts';
import { Job, queueOf } from '../../domain/job/stream.ts';
import { type FleetName, type InstanceId, type JobId, runOf } from '../../domain/kernel/ids.ts';
import type { StreamRef } from '../../domain/kernel/stream.ts';
import { plannerOver } from '../../domain/scheduling/catalogue-planner.ts';
import type { Decision } from '../../domain/scheduling/decision.ts';
import { schedule } from '../../domain/scheduling/schedule.ts';
import type { Pooled } from '../../domain/scheduling/snapshot.ts';
import { carryOut, type Known } from './carry-out.ts';
import { withGangs } from './gangs-of.ts';
import { goElsewhere } from './go-elsewhere.ts';
import { FIRST, lookAtFleet, upToDate } from './look-at-fleet.ts';
import type { Reactive } from './ports.ts';
import type { Rung, Step } from './step.ts';

const QUEUE = 500;
/** Waiting jobs that are told why at once: a full fleet would else write its whole queue in one burst. */
const TOLD_AT_ONCE = 50;

/** One pass over a fleet: reads snapshots, decides, and carries the decisions out against the arbiters. */
export async function placeJobs(on: Reactive, fleet: FleetName, rung: Rung): Promise<Step[]> {
  const [{ snapshot, jobs }, catalogue] = await Promise.all([
    lookAtFleet(on, fleet, rung),
    on.catalogue.current(),
  ]);
  const { pool } = snapshot;
  const planner = plannerOver(catalogue, on.settings.zones, on.settings.priceFactor);
  // One that has gone to another fleet may still be in this one's index, or have rung for it.
  const here = (queue: Parameters<typeof upToDate<JobId, JobState>>[0]) =>
    withGangs(
      on,
      upToDate(queue, rung.jobs).filter(({ state }) => state.fleet === fleet),
    );
  let waitingNow = await here(jobs);
  let decisions = schedule({ ...snapshot, ...waitingNow }, planner);
  if (jobs.length === FIRST && isSomethingLeft(decisions, jobs, pool)) {
    waitingNow = await here(await on.store.work(Job, queueOf(fleet), QUEUE));
    decisions = schedule({ ...snapshot, ...waitingNow }, planner);
  }
  const check = snapshot.fleet?.configuration?.health ?? null;
  const rang = new Set(rung.jobs.map(({ id }) => id));
  const known: Known = {
    instances: new Map(
      pool.map(({ id, state }) => [
        id,
        { offer: state.offer, blocks: state.blocks, check: checkFor(check, state) },
      ]),
    ),
    waiting: new Map(waitingNow.queue.map((job) => [job.id, { ...job, rang: rang.has(job.id) }])),
    launched: new Map(),
    check,
  };
  const carry = (decision: Decision) => alone(decision, () => carryOut(on, fleet, decision, known));
  // Launches share the fleet's head, and the nodes of a run share the run's: one after the other they do not race each
  // other. Who joins a launch comes after it.
  const isShared = (one: Decision) =>
    one.kind === 'launch' ||
    one.kind === 'join' ||
    (one.kind === 'assign' && waitingNow.runs.has(runOf(one.job)));
  const elsewhere = await goElsewhere(on, fleet, decisions, { ...known, ...waitingNow, planner });
  const staying = decisions.filter((one) => !('job' in one && elsewhere.runs.has(runOf(one.job))));
  const inTurn = staying.filter(isShared);
  const waits = staying.filter(({ kind }) => kind === 'wait');
  const others = staying.filter((one) => !inTurn.includes(one) && one.kind !== 'wait');
  const steps = await Promise.all([...onInstances(others).values()].map(oneByOne(carry)));
  steps.push(await oneByOne(carry)(inTurn));
  for (let told = 0; told < waits.length; told += TOLD_AT_ONCE)
    steps.push(...(await Promise.all(waits.slice(told, told + TOLD_AT_ONCE).map(carry))));
  return [...steps.flat(), ...elsewhere.steps];
}

/** One decision that goes wrong does not take the others of its pass with it: one bad job must not stop a fleet. */
async function alone(decision: Decision, carry: () => Promise<Step[]>): Promise<Step[]> {
  try {
    return await carry();
  } catch (error) {
    return [{ kind: 'failed', stream: subjectOf(decision), error }];
  }
}

const subjectOf = (decision: Decision): StreamRef =>
  'job' in decision
    ? { name: 'Job', id: decision.job }
    : 'instance' in decision
      ? { name: 'Instance', id: decision.instance }
      : { name: 'Run', id: decision.run };

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
