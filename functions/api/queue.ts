import { Hono } from 'hono';
import { type JobWaiting, type PromisedJob, Queue, type QueuedJob } from '../../domain/api/queue.ts';
import { MOST_INSTANCES } from '../../domain/configuration/most-instances.ts';
import { fleetList } from '../../domain/fleet/stream.ts';
import { claimsOf, ec2Of } from '../../domain/instance/state.ts';
import { Instance, poolOf } from '../../domain/instance/stream.ts';
import { attemptOf } from '../../domain/job/state.ts';
import { Job, queueOf } from '../../domain/job/stream.ts';
import { iso } from '../../domain/kernel/instant.ts';
import { asked } from '../../domain/planning/asked.ts';
import { COUNTED, type InQueue, inQueueOrder, type Place, placeOf } from '../../domain/queue/place.ts';
import { waitingFor } from '../../domain/queue/waiting.ts';
import type { Api, Env, Routes } from './context.ts';
import { DEFAULT_FLEET } from './fleet.ts';

const FLEETS = 200;

/** Who waits, in which order and for what. */
export const queueRoutes = (api: Api): Routes =>
  new Hono<Env>().get('/', async (c) => {
    const listed = await api.store.list(fleetList(c.var.caller.project), FLEETS);
    if (listed === 'bad-cursor') throw new Error('the fleet list refused a first page');
    // A fleet comes into being with its first launch: jobs may wait for it before.
    const fleets = [...new Set<string>([DEFAULT_FLEET, ...listed.items.map(({ id }) => id)])];
    const [queues, promised] = await Promise.all([
      Promise.all(fleets.map((fleet) => queueIn(api, fleet))),
      Promise.all(fleets.map((fleet) => promisedIn(api, fleet))),
    ]);
    return c.json(
      Queue.parse({
        waiting: queues.flatMap((queue) => queue.slice(0, COUNTED).map((job) => queued(job, queue))),
        promised: promised.flat(),
        more: fleets.filter((_, n) => (queues[n]?.length ?? 0) > COUNTED),
      } satisfies Queue),
    );
  });

/** Where waiting jobs stand in their fleets' queues, by id. */
export async function placesOf(
  api: Api,
  jobs: readonly InQueue[],
  read: (api: Api, fleet: string) => Promise<readonly InQueue[]> = queueIn,
): Promise<ReadonlyMap<string, Place>> {
  const waiting = jobs.filter(({ state }) => state.phase.kind === 'waiting');
  const fleets = [...new Set(waiting.map(({ state }) => state.fleet))];
  const queues = new Map(
    await Promise.all(fleets.map(async (fleet) => [fleet, await read(api, fleet)] as const)),
  );
  return new Map(waiting.map((job) => [job.id, placeOf(job, queues.get(job.state.fleet) ?? [])]));
}

/** What a job waits for, for its run's detail. */
export async function jobWaiting(
  api: Api,
  job: InQueue,
  places: ReadonlyMap<string, Place>,
): Promise<JobWaiting | null> {
  const attempt = attemptOf(job.state);
  const promised =
    attempt && job.state.phase.kind === 'assigned'
      ? (await api.store.load(Instance, attempt.instance)).state
      : undefined;
  const reason = waitingFor(job.state, promised);
  return reason ? { ...reason, since: iso(reason.since), place: places.get(job.id) ?? null } : null;
}

/** The first of a fleet's queue, one more than are counted. */
export async function queueIn(api: Api, fleet: string): Promise<InQueue[]> {
  const found = await api.store.work(Job, queueOf(fleet), COUNTED + 1);
  return found
    .flatMap(({ id, state }) => (state?.phase.kind === 'waiting' ? [{ id, state }] : []))
    .sort(inQueueOrder);
}

function queued(job: InQueue, queue: readonly InQueue[]): QueuedJob {
  const { run, run_name, fleet, priority, queued_at, requirements } = job.state;
  const reason = waitingFor(job.state, undefined);
  if (reason === undefined) throw new Error(`job ${job.id} is in a queue and does not wait`);
  return {
    ...placeOf(job, queue),
    ...{ job: job.id, run, run_name, fleet, priority, queued_at: iso(queued_at) },
    ...{ ...reason, since: iso(reason.since), asked: asked(requirements) },
  };
}

async function promisedIn(api: Api, fleet: string): Promise<PromisedJob[]> {
  const pool = await api.store.work(Instance, poolOf(fleet), MOST_INSTANCES);
  const jobs = await Promise.all(
    pool.flatMap(({ id, state: instance }) => {
      if (instance?.phase.kind !== 'requested' && instance?.phase.kind !== 'booting') return [];
      return claimsOf(instance).map(async (claim) => {
        const job = await api.store.load(Job, claim.job);
        return { id, instance, job };
      });
    }),
  );
  return jobs.flatMap(({ id, instance, job }) => {
    const reason = job.state && waitingFor(job.state, instance);
    if (job.state === undefined || reason === undefined) return [];
    const { run, run_name, priority } = job.state;
    return [
      {
        ...{ job: job.id, run, run_name, fleet, priority, instance: id, ec2_id: ec2Of(instance) },
        ...{ ...reason, since: iso(reason.since) },
      },
    ];
  });
}
