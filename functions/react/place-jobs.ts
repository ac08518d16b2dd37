import { endInstance } from '../../domain/coordination/end-instance.ts';
import { assignIdle, leaveWaiting, reserveLaunch } from '../../domain/coordination/place-job.ts';
import { Fleet } from '../../domain/fleet/stream.ts';
import { Instance, poolOf } from '../../domain/instance/stream.ts';
import { lookAgain } from '../../domain/job/state.ts';
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
export async function placeJobs(on: Reactive, fleet: FleetName, rung: readonly Waiting[]): Promise<Step[]> {
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
  const rang = new Set(rung.map(({ id }) => id));
  const waiting = new Map(queue.map((job) => [job.id, { ...job, rang: rang.has(job.id) }]));
  const launches = decisions.filter((decision) => decision.kind === 'launch');
  const others = decisions.filter((decision) => decision.kind !== 'launch');
  const steps = await Promise.all(others.map((decision) => carryOut(on, fleet, decision, offers, waiting)));
  // Launches share the fleet's head: one after the other they do not race each other.
  for (const decision of launches) steps.push(await carryOut(on, fleet, decision, offers, waiting));
  return steps.flat();
}

/** The index may lag behind: jobs whose doorbells rang are in the pass all the same, as they were just read. */
async function queueWith(on: Reactive, fleet: FleetName, rung: readonly Waiting[]): Promise<Waiting[]> {
  const indexed = await on.store.work(Job, queueOf(fleet), QUEUE);
  const queue = new Map(indexed.flatMap(({ id, state }) => (state ? [[id as JobId, state] as const] : [])));
  for (const { id, state } of rung) queue.set(id, state);
  return [...queue].map(([id, state]) => ({ id, state }));
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
      if (!prepared) return [];
      const outcome = await assignIdle(on, provenance(decision.job), { ...decision, ...prepared });
      if (outcome === 'assigned') return [visitStep('Job', decision.job)];
      await on.bundles.eraseBundle(prepared.bundle.key);
      return onceMore(fleet);
    }
    case 'launch':
      return launch(on, fleet, decision, waiting.get(decision.job), provenance(decision.job));
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
  known: InQueue | undefined,
  provenance: Provenance,
): Promise<Step[]> {
  const prepared = known && (await prepareBundle(on, known, offer));
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
  return outcome === 'lost' ? onceMore(fleet) : [];
}

/**
 * The snapshot was behind: what was meant for one who has moved on is there for the next in line, who was told to wait
 * and whom nobody else would ring.
 */
const onceMore = (fleet: FleetName): Step[] => [{ kind: 'place', fleet, jobs: [] }];

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
