import { endInstance } from '../../domain/coordination/end-instance.ts';
import { assignIdle, leaveWaiting, reserveLaunch } from '../../domain/coordination/place-job.ts';
import { Fleet } from '../../domain/fleet/stream.ts';
import { Instance, poolOf } from '../../domain/instance/stream.ts';
import { type JobState, lookAgain } from '../../domain/job/state.ts';
import { Job, queueOf } from '../../domain/job/stream.ts';
import { type FleetName, type InstanceId, instanceId, type JobId, runOf } from '../../domain/kernel/ids.ts';
import type { Provenance } from '../../domain/kernel/stream.ts';
import type { OfferTerms } from '../../domain/planning/offer.ts';
import { plannerOver } from '../../domain/scheduling/planner.ts';
import { type Decision, type Pooled, schedule, type Waiting } from '../../domain/scheduling/schedule.ts';
import type { Reactive } from './ports.ts';
import { prepareBundle } from './prepare-bundle.ts';
import { type Step, visitStep } from './step.ts';

// Nobody below the first fifty of a queue gets anything while those wait; their turn comes with a later pass.
const QUEUE = 50;
const POOL = 500;

/** One pass over a fleet: reads snapshots, decides, and carries the decisions out against the arbiters. */
export async function placeJobs(on: Reactive, fleet: FleetName, rung: readonly JobId[]): Promise<Step[]> {
  const [head, queue, pool] = await Promise.all([
    on.store.load(Fleet, fleet),
    queueWith(on, fleet, rung),
    on.store.work(Instance, poolOf(fleet), POOL),
  ]);
  const pooled = pool.flatMap(({ id, state }): Pooled[] => (state ? [{ id: id as InstanceId, state }] : []));
  const decisions = schedule(
    { queue, pool: pooled, fleet: head.state, limit: on.settings.fleetInstances, now: on.runtime.now() },
    plannerOver(on.catalogue, on.settings.zones),
  );
  const offers = new Map(pooled.map(({ id, state }) => [id, state.offer]));
  const waiting = new Map(queue.map(({ id, state }) => [id, { state, rung: rung.includes(id) }]));
  const launches = decisions.filter((decision) => decision.kind === 'launch');
  const others = decisions.filter((decision) => decision.kind !== 'launch');
  const steps = await Promise.all(others.map((decision) => carryOut(on, fleet, decision, offers, waiting)));
  // Launches share the fleet's head: one after the other they do not race each other.
  for (const decision of launches) steps.push(await carryOut(on, fleet, decision, offers, waiting));
  return steps.flat();
}

/** The index may lag behind: jobs whose doorbells rang are read themselves. */
async function queueWith(on: Reactive, fleet: FleetName, rung: readonly JobId[]): Promise<Waiting[]> {
  const indexed = await on.store.work(Job, queueOf(fleet), QUEUE);
  const known = new Set(indexed.map(({ id }) => id));
  const missing = rung.filter((id) => !known.has(id));
  const rungJobs = await Promise.all(missing.slice(0, QUEUE).map((id) => on.store.load(Job, id)));
  // Looked at all the same: left overdue, a long queue would keep sync from everything else that is due.
  const later = lookAgain(on.runtime.now());
  await Promise.all(missing.slice(QUEUE).map((id) => on.store.remind({ name: 'Job', id }, later)));
  return [...indexed, ...rungJobs].flatMap(({ id, state }) => (state ? [{ id: id as JobId, state }] : []));
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
      const offer = offers.get(decision.instance);
      const prepared = offer && (await prepareBundle(on, decision.job, offer));
      if (!prepared) return [];
      const outcome = await assignIdle(on, provenance(decision.job), { ...decision, ...prepared });
      if (outcome === 'assigned') return [visitStep('Job', decision.job)];
      await on.bundles.eraseBundle(prepared.bundle.key);
      return [];
    }
    case 'launch':
      return launch(on, fleet, decision, provenance(decision.job));
    case 'let-go':
      await endInstance(
        on,
        { by: on.by, causation: `place ${fleet}`, correlation: fleet },
        decision.instance,
        {
          reason: 'made_room',
          message: 'idle, and of no use to those who wait',
          while: (instance) => instance.phase.kind === 'idle',
        },
      );
      return [visitStep('Instance', decision.instance)];
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
  provenance: Provenance,
): Promise<Step[]> {
  const prepared = await prepareBundle(on, job, offer);
  if (!prepared) return [];
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
  if (outcome === 'reserved') return [visitStep('Instance', instance)];
  await on.bundles.eraseBundle(prepared.bundle.key);
  return [];
}

type InQueue = { readonly state: JobState; readonly rung: boolean };

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
  else if (known?.rung) await on.store.remind({ name: 'Job', id: job }, until ?? lookAgain(on.runtime.now()));
  return [];
}
