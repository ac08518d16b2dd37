import type { HealthSpec } from '../../domain/configuration/normalized.ts';
import { endInstance } from '../../domain/coordination/end-instance.ts';
import { giveBack } from '../../domain/coordination/give-back.ts';
import { assignTo, leaveWaiting, reserveLaunch } from '../../domain/coordination/place-job.ts';
import { isFree } from '../../domain/instance/state.ts';
import { Instance } from '../../domain/instance/stream.ts';
import { lookAgain } from '../../domain/job/state.ts';
import { Job } from '../../domain/job/stream.ts';
import { type FleetName, type InstanceId, instanceId, type JobId, runOf } from '../../domain/kernel/ids.ts';
import type { Provenance } from '../../domain/kernel/stream.ts';
import type { OfferTerms } from '../../domain/planning/offer.ts';
import type { Decision } from '../../domain/scheduling/decision.ts';
import type { Waiting } from '../../domain/scheduling/snapshot.ts';
import type { Reactive } from './ports.ts';
import { type Preparation, prepareBundle } from './prepare-bundle.ts';
import { type Rung, type Step, visitStep } from './step.ts';
import { unseenToReuse } from './unseen-to-reuse.ts';

type InQueue = Waiting & { readonly rang: boolean };

/** What one pass has read, and what it has launched so far, by the job that it is for. */
export interface Known {
  readonly instances: ReadonlyMap<InstanceId, Divided>;
  readonly waiting: ReadonlyMap<JobId, InQueue>;
  readonly launched: Map<JobId, Divided & { readonly instance: InstanceId }>;
  /** What the fleet has checked of a new instance. */
  readonly check: HealthSpec | null;
}
interface Divided {
  readonly offer: OfferTerms;
  readonly blocks: number;
  readonly check: HealthSpec | null;
}

/** Carries one decision of a pass out against the arbiters. */
export async function carryOut(
  on: Reactive,
  fleet: FleetName,
  decision: Decision,
  known: Known,
): Promise<Step[]> {
  const { instances, waiting, launched } = known;
  switch (decision.kind) {
    case 'assign':
      return assign(on, fleet, decision, instances.get(decision.instance), waiting.get(decision.job));
    case 'join': {
      const to = launched.get(decision.launchFor);
      // Not launched after all: this job is placed anew.
      if (to === undefined) return onceMore(on, fleet, decision);
      const { instance } = to;
      return assign(on, fleet, { ...decision, instance }, to, waiting.get(decision.job));
    }
    case 'launch':
      return launch(on, fleet, decision, known);
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
      return wait(on, fleet, decision, waiting.get(decision.job));
    case 'hopeless': {
      const inQueue = waiting.get(decision.job);
      const unseen = await unseenToReuse(on, fleet, instances, inQueue?.state);
      if (inQueue && unseen.length > 0)
        return [{ kind: 'place', fleet, rung: { jobs: [inQueue], instances: unseen } }];
      await leaveWaiting(on, provenance(on, fleet, decision.job), { fleet, job: decision.job }, decision);
      return [visitStep('Job', decision.job)];
    }
  }
}

const provenance = (on: Reactive, fleet: FleetName, job: JobId): Provenance => ({
  by: on.by,
  causation: `place ${fleet}`,
  correlation: runOf(job),
});

async function assign(
  on: Reactive,
  fleet: FleetName,
  to: { readonly job: JobId; readonly instance: InstanceId; readonly blocks: readonly number[] },
  instance: Divided | undefined,
  job: InQueue | undefined,
): Promise<Step[]> {
  const { blocks } = to;
  if (instance === undefined || job === undefined) return onceMore(on, fleet, to);
  const cut = { total: instance.blocks, taken: blocks };
  const prepared = await prepareBundle(on, job, instance.offer, cut, instance.check);
  if (prepared.kind !== 'prepared') return unprepared(on, fleet, to, prepared);
  const { submission, bundle } = prepared;
  const outcome = await assignTo(on, provenance(on, fleet, to.job), {
    ...{ fleet, job: to.job, instance: to.instance, blocks, check: instance.check },
    ...{ submission, bundle },
  });
  if (outcome === 'assigned') return [visitStep('Job', to.job)];
  await on.bundles.eraseBundle(bundle.key);
  return outcome === 'lost' ? onceMore(on, fleet, to) : [];
}

/** A job without its secrets fails; the place that it was given goes to the next in line. */
async function unprepared(
  on: Reactive,
  fleet: FleetName,
  met: { readonly job: JobId; readonly instance?: InstanceId },
  why: Exclude<Preparation, { kind: 'prepared' }>,
): Promise<Step[]> {
  if (why.kind === 'secrets-lost') {
    const verdict = { kind: 'hopeless' as const, why: 'secrets_lost' as const, message: why.message };
    await leaveWaiting(on, provenance(on, fleet, met.job), { fleet, job: met.job }, verdict);
  }
  return onceMore(on, fleet, met);
}

async function launch(
  on: Reactive,
  fleet: FleetName,
  { job, offer, cut }: Extract<Decision, { kind: 'launch' }>,
  { waiting, launched, check }: Known,
): Promise<Step[]> {
  const inQueue = waiting.get(job);
  if (inQueue === undefined) return onceMore(on, fleet, { job });
  const prepared = await prepareBundle(on, inQueue, offer, cut, check);
  if (prepared.kind !== 'prepared') return unprepared(on, fleet, { job }, prepared);
  const { submission, bundle } = prepared;
  const instance = instanceId(on.runtime.ulid());
  const outcome = await reserveLaunch(on, provenance(on, fleet, job), {
    ...{ job, instance, fleet, offer, cut },
    limits: { instances: on.settings.fleetInstances },
    ...{ submission, bundle },
    nonce: on.runtime.secret().value,
  });
  if (outcome === 'reserved') launched.set(job, { instance, offer, blocks: cut.total, check });
  // Whoever reserves it launches it, and nobody else before its time has come.
  if (outcome === 'reserved') return [visitStep('Instance', instance, 'due')];
  await on.bundles.eraseBundle(bundle.key);
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

/** Most of a queue waits for the reason it waited for before: only news is written down. */
async function wait(
  on: Reactive,
  fleet: FleetName,
  { job, wait: reason, until }: Extract<Decision, { kind: 'wait' }>,
  known: InQueue | undefined,
): Promise<Step[]> {
  const { phase } = known?.state ?? {};
  if (phase?.kind !== 'waiting' || phase.wait?.message !== reason.message)
    await leaveWaiting(on, provenance(on, fleet, job), { fleet, job }, { kind: 'wait', wait: reason, until });
  else if (known?.rang) await on.store.remind({ name: 'Job', id: job }, until ?? lookAgain(on.runtime.now()));
  return [];
}
