import { endInstance } from '../../domain/coordination/end-instance.ts';
import { giveBack } from '../../domain/coordination/give-back.ts';
import { assignIdle, leaveWaiting, reserveLaunch } from '../../domain/coordination/place-job.ts';
import { Fleet } from '../../domain/fleet/stream.ts';
import { isFree } from '../../domain/instance/state.ts';
import { Instance, poolOf } from '../../domain/instance/stream.ts';
import { lookAgain } from '../../domain/job/state.ts';
import { Job, queueOf } from '../../domain/job/stream.ts';
import { type FleetName, type InstanceId, instanceId, type JobId, runOf } from '../../domain/kernel/ids.ts';
import type { Provenance } from '../../domain/kernel/stream.ts';
import type { OfferTerms } from '../../domain/planning/offer.ts';
import { plannerOver } from '../../domain/scheduling/planner.ts';
import { type Decision, type Pooled, schedule, type Waiting } from '../../domain/scheduling/schedule.ts';
import { withGangs } from './gangs-of.ts';
import { otherFleets } from './other-fleets.ts';
import type { Reactive } from './ports.ts';
import { prepareBundle } from './prepare-bundle.ts';
import { type Rung, type Step, visitStep } from './step.ts';

// A fleet that is full has nothing for whoever stands further back than its first few, and a pass is made for each
// instance that is free again. Only where something is left for them are more of the queue read: a page or two.
const FIRST = 50;
const QUEUE = 500;
const POOL = 1_000;
/** Waiting jobs that are told why at once: a full fleet would else write its whole queue in one burst. */
const TOLD_AT_ONCE = 50;

/** One pass over a fleet: reads snapshots, decides, and carries the decisions out against the arbiters. */
export async function placeJobs(on: Reactive, fleet: FleetName, rung: Rung): Promise<Step[]> {
  const [head, jobs, instances, memories] = await Promise.all([
    on.store.load(Fleet, fleet),
    on.store.work(Job, queueOf(fleet), FIRST),
    on.store.work(Instance, poolOf(fleet), POOL),
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
  const offers = new Map(pooled.map(({ id, state }) => [id, state.offer]));
  const rang = new Set(rung.jobs.map(({ id }) => id));
  const waiting = new Map(waitingNow.queue.map((job) => [job.id, { ...job, rang: rang.has(job.id) }]));
  const carry = (decision: Decision) => carryOut(on, fleet, decision, offers, waiting);
  // Launches share the fleet's head, and the nodes of a run share the run's: one after the other they do not race each other.
  const isShared = (one: Decision) =>
    one.kind === 'launch' || (one.kind === 'assign' && waitingNow.runs.has(runOf(one.job)));
  const waits = decisions.filter(({ kind }) => kind === 'wait');
  const others = decisions.filter((one) => one.kind !== 'wait' && !isShared(one));
  const steps = await Promise.all(others.map(carry));
  for (const decision of decisions.filter(isShared)) steps.push(await carry(decision));
  for (let told = 0; told < waits.length; told += TOLD_AT_ONCE)
    steps.push(...(await Promise.all(waits.slice(told, told + TOLD_AT_ONCE).map(carry))));
  return steps.flat();
}

/** Whether those behind the first of the queue could have something, or somebody among them is served before his turn. */
function isSomethingLeft(
  decisions: readonly Decision[],
  first: readonly { readonly id: string }[],
  pool: readonly Pooled[],
): boolean {
  const inTurn = new Set(first.map(({ id }) => id));
  const taken = new Set(decisions.flatMap((one) => (one.kind === 'assign' ? one.instance : [])));
  const idle = pool.some(({ id, state }) => isFree(state) && !taken.has(id));
  const full = decisions.some((one) => one.kind === 'wait' && one.wait.kind === 'fleet_limit');
  const early = decisions.some(
    (one) => (one.kind === 'assign' || one.kind === 'launch') && !inTurn.has(one.job),
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

async function carryOut(
  on: Reactive,
  fleet: FleetName,
  decision: Decision,
  offers: ReadonlyMap<InstanceId, OfferTerms>,
  waiting: ReadonlyMap<JobId, InQueue>,
): Promise<Step[]> {
  const provenance = (job: JobId) => ({ by: on.by, causation: `place ${fleet}`, correlation: runOf(job) });
  switch (decision.kind) {
    case 'assign': {
      const [offer, job] = [offers.get(decision.instance), waiting.get(decision.job)];
      const prepared = offer && job && (await prepareBundle(on, job, offer));
      if (!prepared) return onceMore(on, fleet, decision);
      const outcome = await assignIdle(on, provenance(decision.job), { fleet, ...decision, ...prepared });
      if (outcome === 'assigned') return [visitStep('Job', decision.job)];
      await on.bundles.eraseBundle(prepared.bundle.key);
      return outcome === 'lost' ? onceMore(on, fleet, decision) : [];
    }
    case 'launch':
      return launch(on, fleet, decision, waiting.get(decision.job), provenance(decision.job));
    case 'let-go': {
      const end = await endInstance(
        on,
        { by: on.by, causation: `place ${fleet}`, correlation: fleet },
        decision.instance,
        {
          reason: 'made_room',
          message: 'idle, and of no use to those who wait',
          while: isFree,
        },
      );
      return end === 'ends' ? [visitStep('Instance', decision.instance)] : [];
    }
    case 'give-back': {
      const { run, message } = decision;
      await giveBack(on, { by: on.by, causation: `place ${fleet}`, correlation: run }, run, message);
      return [visitStep('Run', run)];
    }
    case 'wait':
      return wait(on, decision, waiting.get(decision.job), provenance(decision.job));
    case 'hopeless':
      await leaveWaiting(on, provenance(decision.job), decision.job, decision);
      return [visitStep('Job', decision.job)];
  }
}

async function launch(
  on: Reactive,
  fleet: FleetName,
  { job, offer }: Extract<Decision, { kind: 'launch' }>,
  known: InQueue | undefined,
  provenance: Provenance,
): Promise<Step[]> {
  const prepared = known && (await prepareBundle(on, known, offer));
  if (!prepared) return onceMore(on, fleet, { job });
  const instance = instanceId(on.runtime.ulid());
  const outcome = await reserveLaunch(on, provenance, {
    job,
    instance,
    fleet,
    limits: { instances: on.settings.fleetInstances },
    offer,
    ...prepared,
    nonce: on.runtime.secret().value,
  });
  // Whoever reserves it launches it, and nobody else before its time has come.
  if (outcome === 'reserved') return [visitStep('Instance', instance, 'due')];
  await on.bundles.eraseBundle(prepared.bundle.key);
  return outcome === 'lost' ? onceMore(on, fleet, { job }) : [];
}

/**
 * The snapshot was behind: what was meant for one who has moved on is there for the next in line, who was told to wait
 * and whom nobody else would ring. The next pass is told how it really is with the two, so that it does not meet them again.
 */
async function onceMore(
  on: Reactive,
  fleet: FleetName,
  met: { readonly job: JobId; readonly instance?: InstanceId },
): Promise<Step[]> {
  const [job, instance] = await Promise.all([
    on.store.load(Job, met.job),
    met.instance && on.store.load(Instance, met.instance),
  ]);
  const rung: Rung = {
    jobs: job.state ? [{ id: met.job, state: job.state }] : [],
    instances: met.instance && instance?.state ? [{ id: met.instance, state: instance.state }] : [],
  };
  return [{ kind: 'place', fleet, rung }];
}

type InQueue = Waiting & { readonly rang: boolean };

/** Most of a queue waits for the reason it waited for before: only news is written down. */
async function wait(
  on: Reactive,
  { job, wait: reason, until }: Extract<Decision, { kind: 'wait' }>,
  known: InQueue | undefined,
  provenance: Provenance,
): Promise<Step[]> {
  const { phase } = known?.state ?? {};
  if (phase?.kind !== 'waiting' || phase.wait?.message !== reason.message)
    await leaveWaiting(on, provenance, job, { kind: 'wait', wait: reason, until });
  else if (known?.rang) await on.store.remind({ name: 'Job', id: job }, until ?? lookAgain(on.runtime.now()));
  return [];
}
