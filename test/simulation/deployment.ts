import { MINUTE, SECOND } from '../../domain/kernel/instant.ts';
import type { StreamRef } from '../../domain/kernel/stream.ts';
import { keyOf } from '../../domain/streams.ts';
import { app } from '../../functions/api/app.ts';
import type { Observation } from '../../functions/observe/observation.ts';
import { observe } from '../../functions/observe/observe.ts';
import type { Reactive } from '../../functions/react/ports.ts';
import { react } from '../../functions/react/reactor.ts';
import { sync } from '../../functions/sync/sync.ts';
import { newSshKeys } from '../../infra/ssh-keys.ts';
import { catalogueOf, saving, type } from '../domain/planning/given.ts';
import { memoryBus } from '../fakes/memory-bus.ts';
import { always } from '../fakes/memory-catalogue.ts';
import { memoryCodeStore } from '../fakes/memory-code-store.ts';
import { memoryNodeBuilds } from '../fakes/memory-node-builds.ts';
import { memoryTally } from '../fakes/memory-tally.ts';
import { doorbellQueue, wellBehaved } from '../functions/doorbell-queue.ts';
import { DEAD_MAN } from './dead-man.ts';
import { unansweredDoorbells, unrecordedObservation } from './letters.ts';
import { environments, type Ports, startProcess } from './process.ts';
import type { Scene } from './scene.ts';

/** Two types in two zones, spot and on demand: eight offers. */
const catalogue = catalogueOf(
  type('m5.xlarge', { spot: saving(60) }),
  type('m6i.xlarge', { onDemandPrice: 1.1, spot: saving(50) }),
);
const caller = { requestContext: { authorizer: { lambda: { user: 'alice', project: 'main' } } } };
const SHARDS = 3;

/** Sortie's functions as Lambda runs them: side by side, each invocation in a process of its own that may die. */
export interface Deployment {
  request(path: string, init: RequestInit): Promise<Response | 'died'>;
  /** An event from EventBridge, as good as it is at delivering. */
  tell(event: Observation): void;
  ring(stream: StreamRef): void;
}

/** `failed` hears of every error in them. */
export function deploy(scene: Scene, ports: Ports, failed: (error: unknown) => void): Deployment {
  const { plan, time, chance, down, deadLetters } = scene;
  const settings = {
    ...{ apiUrl: 'http://sortie.test', zones: null, fleetInstances: plan.limit },
    ...{ concurrentLaunches: 2, priceFactor: 1.5, deadmanSeconds: DEAD_MAN / SECOND },
  };
  const starting = (by: string) => () => {
    const process = startProcess(by.slice('function:'.length), ports, scene);
    const env: Reactive = {
      ...process.ports,
      code,
      runtime: time,
      catalogue: always(catalogue),
      settings,
      by,
    };
    return { env, process };
  };
  const bus = memoryBus();
  const code = memoryCodeStore();
  const tally = memoryTally();
  const reacting = environments(time, 60 * SECOND, starting('function:react'));
  const syncing = environments(time, 55 * SECOND, starting('function:sync'));
  const observing = environments(time, 30 * SECOND, starting('function:observe'));
  const answering = environments(time, 30 * SECOND, () => {
    const { env, process } = starting('function:api')();
    const { secrets, logs, deadLetters } = process.ports;
    const { zones, fleetInstances, priceFactor } = settings;
    const given = { zones, fleetInstances, priceFactor, longPollSeconds: 0 };
    return {
      env: app(
        {
          ...env,
          code,
          nodeBuilds: memoryNodeBuilds(),
          secrets,
          newSshKeys,
          logs,
          deadLetters,
          bus,
          tally,
          ...given,
          version: 'test',
        },
        failed,
      ),
      process,
    };
  });

  const shards = Array.from({ length: SHARDS }, () => ({
    bells: doorbellQueue(() => 0, wellBehaved),
    busy: false,
  }));

  /** A shard's records, batch by batch; what failed, and all that a dead process had, comes again. */
  async function serve(shard: (typeof shards)[number]): Promise<void> {
    if (shard.busy) return;
    shard.busy = true;
    for (let rung = shard.bells.take(); rung.length > 0; rung = shard.bells.take()) {
      const streams = [...new Map(rung.map((one) => [keyOf(one), one])).values()];
      const visits = streams.map((stream) => ({ kind: 'visit' as const, stream, ring: 'moved' as const }));
      const failures = await reacting((on) => react(on, visits));
      const again = failures === 'died' ? streams : failures.map(({ stream }) => stream);
      if (failures !== 'died') for (const { error } of failures) failed(error);
      const lost = again.filter((stream) => shard.bells.again(stream) === 'given-up');
      if (lost.length > 0) deadLetters.leave(unansweredDoorbells(lost.length, time.now()));
      if (again.length > 0) await time.after(SECOND);
    }
    shard.busy = false;
  }

  async function syncNow(): Promise<void> {
    const end = time.now() + plan.syncStays;
    const failures = await syncing((on) => sync(on, () => end));
    if (failures !== 'died') for (const { error } of failures) failed(error);
  }
  const everyMinute = () => {
    time.at(time.now() + MINUTE, everyMinute);
    return syncNow();
  };
  time.at(time.now() + MINUTE, everyMinute);

  async function deliver(event: Observation, id: string): Promise<void> {
    if (down.has('eventbridge')) return;
    // A failed observation comes again; then it is a dead letter.
    for (let tries = 0; tries < 2; tries++) {
      try {
        if ((await observing((on) => observe(on, id, event))) !== 'died') return;
      } catch (error) {
        failed(error);
      }
    }
    deadLetters.leave(unrecordedObservation(id, event));
  }
  let told = 0;

  return {
    request: (path, init) =>
      answering(async (api) => api.request(path, init, { event: caller, lambdaContext: {} })),

    tell(event) {
      const [what, id] = [`${event['detail-type']} ${event.detail['instance-id']}`, `event-${++told}`];
      if (chance.strikes('observation lost', what)) return;
      const later = chance.strikes('observation late', what) ? chance.between('late event', 30, 400) : 1;
      time.at(time.now() + later * SECOND, () => deliver(event, id));
      if (chance.strikes('observation doubled', what))
        time.at(time.now() + (later + chance.between('second event', 0, 60)) * SECOND, () =>
          deliver(event, id),
        );
    },

    ring(stream) {
      const key = keyOf(stream);
      // Commits of one stream are items of their own: they come side by side, and in any order.
      const shard = shards[Math.floor(chance.between('shard', 0, SHARDS))];
      if (shard === undefined || chance.strikes('doorbell lost', key)) return;
      const arrive = (milliseconds: number) =>
        time.at(time.now() + milliseconds, () => {
          shard.bells.ring(stream);
          return serve(shard);
        });
      const late = chance.strikes('doorbell late', key) ? chance.between('late bell', 1, 180) * SECOND : 0;
      arrive(late + chance.between('bell', 20, 400));
      if (chance.strikes('doorbell doubled', key)) arrive(late + chance.between('second bell', 20, 9_000));
    },
  };
}
