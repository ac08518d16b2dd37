import { submit } from '../../domain/coordination/submit.ts';
import { Fleet } from '../../domain/fleet/stream.ts';
import type { GangOrder } from '../../domain/gang/order.ts';
import { Instance } from '../../domain/instance/stream.ts';
import { Job } from '../../domain/job/stream.ts';
import { FleetName, InstanceId, jobId, type RunId, runId } from '../../domain/kernel/ids.ts';
import { type Instant, MINUTE } from '../../domain/kernel/instant.ts';
import type { StopMode } from '../../domain/kernel/status.ts';
import type { StreamRef } from '../../domain/kernel/stream.ts';
import type { PreparedCatalogue } from '../../domain/planning/prepared.ts';
import type { StoredTask } from '../../domain/run/events.ts';
import { Run } from '../../domain/run/stream.ts';
import { app } from '../../functions/api/app.ts';
import type { Observation } from '../../functions/observe/observation.ts';
import { observe } from '../../functions/observe/observe.ts';
import type { Reactive } from '../../functions/react/ports.ts';
import { react } from '../../functions/react/reactor.ts';
import { sync } from '../../functions/sync/sync.ts';
import { newSshKeys } from '../../infra/ssh-keys.ts';
import { FLEET, T0, task } from '../domain/given.ts';
import { catalogueOf, type } from '../domain/planning/given.ts';
import { memoryBundles } from '../fakes/memory-bundles.ts';
import { memoryBus } from '../fakes/memory-bus.ts';
import { always } from '../fakes/memory-catalogue.ts';
import { memoryCloud } from '../fakes/memory-cloud.ts';
import { memoryCodeStore } from '../fakes/memory-code-store.ts';
import { memoryCommands } from '../fakes/memory-commands.ts';
import { memoryDeadLetters } from '../fakes/memory-dead-letters.ts';
import { memoryEventStore } from '../fakes/memory-event-store.ts';
import { memoryLogs } from '../fakes/memory-logs.ts';
import { memoryNodeBuilds } from '../fakes/memory-node-builds.ts';
import { memorySecrets } from '../fakes/memory-secrets.ts';
import { memoryTally } from '../fakes/memory-tally.ts';
import { createWorld, type Machine, type World } from '../fakes/world.ts';
import { Crash, type Crashing, crashing } from './crashing.ts';
import { type DoorbellFaults, doorbellQueue, wellBehaved } from './doorbell-queue.ts';
import { type Behaviour, machines, type Post } from './machines.ts';
import { virtualClock } from './virtual-clock.ts';

export interface Given {
  readonly seed?: number;
  readonly doorbells?: Partial<DoorbellFaults>;
  readonly behaviour?: Partial<Behaviour>;
  readonly crashing?: Crashing;
  readonly catalogue?: PreparedCatalogue;
  /** The fleet's limit. */
  readonly instances?: number;
  /** The chance that an index does not show a stream's latest move yet, each time it is read. */
  readonly indexBehind?: number;
}

/** Two types in two zones: four offers, `m5.xlarge` in zone a the best. */
const twoTypes = catalogueOf(type('m5.xlarge'), type('m6i.xlarge', { onDemandPrice: 1.1 }));

const callerNamed = (user: string) => ({
  requestContext: { authorizer: { lambda: { user, project: 'main' } } },
});

export type Sortie = ReturnType<typeof inMemorySortie>;

/** The whole system in memory: the real functions over fakes, a clock that moves when told to. */
export function inMemorySortie(given: Given = {}) {
  const clock = virtualClock(T0, given.seed ?? 1);
  const crash = given.crashing ?? crashing('never');
  const bells = doorbellQueue(clock.random, { ...wellBehaved, ...given.doorbells });
  const store = memoryEventStore(
    (stream) => bells.ring(stream),
    () => (clock.random() < (given.indexBehind ?? 0) ? 'behind' : 'shown'),
  );
  const [bundles, logs] = [memoryBundles(clock.now), memoryLogs()];
  const deadLetters = memoryDeadLetters(clock.now);
  const secrets = memorySecrets(clock.now);
  const bus = memoryBus();
  const code = memoryCodeStore(clock.now);
  const tally = memoryTally();
  const behaviour: Behaviour = {
    ...{ userData: 'as its agent answers', lacks: null },
    ...{ boot: 20, ready: 'reported', commands: 60, status: 0, obey: 2, reports: 'arrive' },
    ...{ sighting: null, comes: 'comes', setup: 5, setupStatus: 0, ill: null },
    ...given.behaviour,
  };
  /** What single nodes do otherwise, by rank. */
  const nodes = new Map<number, (machine: Machine) => Partial<Behaviour>>();
  const played = machines({ clock, world: () => world, bundles, post }, (machine, bundle) => ({
    ...behaviour,
    ...nodes.get(bundle?.gang?.rank ?? -1)?.(machine),
  }));
  const world: World = createWorld(clock.now, played);
  const on: Reactive = {
    store: crash.wrap(store),
    runtime: clock,
    cloud: crash.wrap(memoryCloud(world)),
    commands: crash.wrap(memoryCommands(world)),
    bundles: crash.wrap(bundles),
    code,
    secrets: crash.wrap(secrets),
    catalogue: always(given.catalogue ?? twoTypes),
    settings: {
      apiUrl: 'http://sortie.test',
      zones: null,
      fleetInstances: given.instances ?? 10,
      concurrentLaunches: 20,
      priceFactor: 1.5,
      deadmanSeconds: 3_600,
    },
    by: 'function:react',
  };
  const unexpected: unknown[] = [];
  const api = app(
    {
      ...on,
      code,
      secrets: crash.wrap(secrets),
      nodeBuilds: memoryNodeBuilds(),
      newSshKeys,
      logs: crash.wrap(logs),
      deadLetters,
      bus,
      tally,
      zones: null,
      fleetInstances: on.settings.fleetInstances,
      priceFactor: on.settings.priceFactor,
      longPollSeconds: 20,
      version: 'test',
    },
    (error) => unexpected.push(error),
  );
  let nextSync: Instant = T0 + MINUTE;

  /** One process, from its start to its end or its death. */
  async function live<T>(work: () => Promise<T>): Promise<T | undefined> {
    crash.begin();
    try {
      return await clock.settle(work());
    } catch (error) {
      if (error instanceof Crash) return undefined;
      throw error;
    }
  }

  async function call(path: string, init: RequestInit, user = 'alice'): Promise<Response> {
    crash.begin();
    const event = callerNamed(user);
    return clock.settle(Promise.resolve(api.request(path, init, { event, lambdaContext: {} })));
  }

  function json(body: Record<string, unknown>, headers: Record<string, string> = {}): RequestInit {
    return {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    };
  }

  function post(...[path, token, body]: Parameters<Post>): ReturnType<Post> {
    return call(path, json(body, token === null ? {} : { authorization: `Bearer ${token}` })).then(
      async (answer) => {
        const { stop = null, gang } = (await answer.json()) as {
          stop?: { mode: StopMode; reason: string } | null;
          gang?: GangOrder | null;
        };
        return { status: answer.status, stop, gang: gang ?? undefined };
      },
    );
  }

  async function drain(): Promise<void> {
    while ((await answerSome()) === 'went-on');
  }

  async function answerSome(): Promise<'went-on' | 'quiet'> {
    const rung = bells.take();
    if (rung.length === 0) return 'quiet';
    const streams = [...new Map(rung.map((one) => [`${one.name}-${one.id}`, one])).values()];
    const failures = await live(() =>
      react(
        on,
        streams.map((stream) => ({ kind: 'visit', stream, ring: 'moved' })),
      ),
    );
    for (const { stream, error } of failures ?? []) if (!(error instanceof Crash)) bells.again(stream);
    return 'went-on';
  }

  /** Answers some doorbells; where all is quiet, goes to what comes next, but not beyond `end`. */
  async function step(end: Instant): Promise<'went-on' | 'at-end'> {
    if ((await answerSome()) === 'went-on') return 'went-on';
    const next = Math.min(clock.nextAt() ?? nextSync, nextSync);
    if (next > end) {
      clock.moveTo(end);
      return 'at-end';
    }
    clock.moveTo(next);
    if (next < nextSync) await clock.doNext();
    else {
      nextSync += MINUTE;
      await live(() => sync({ ...on, by: 'function:sync' }, () => clock.now()));
    }
    return 'went-on';
  }

  return {
    ...{
      clock,
      store,
      bundles,
      code,
      world,
      behaviour,
      bells,
      crash,
      on,
      starts: played.starts,
      orders: played.told,
      nodes,
      unexpected,
      post,
    },
    drain,
    deadLetters,
    bus,
    tally,
    get: async (path: string): Promise<unknown> => (await call(path, {})).json(),
    ask: (path: string, body: Record<string, unknown>): Promise<Response> => call(path, json(body)),
    send: async (path: string, body: Record<string, unknown>): Promise<unknown> =>
      (await call(path, json(body))).json(),

    async submit(fields: Record<string, unknown> = {}): Promise<RunId> {
      const configuration = { type: 'task', commands: ['true'], ...fields };
      const key = { 'idempotency-key': `key-${clock.ulid()}` };
      for (;;) {
        const answer = await call('/v1/runs', json({ configuration }, key));
        const body = (await answer.json()) as { id: string };
        if (answer.status === 201 || answer.status === 200) return runId(body.id);
        if (answer.status !== 500) throw new Error(`refused: ${JSON.stringify(body)}`);
      }
    },
    /** Several nodes together, as the configuration will say it. */
    async submitGang(nodes: number, fields: Partial<StoredTask> = {}): Promise<RunId> {
      const id = runId(clock.ulid());
      const gang = {
        ...{
          id,
          name: `gang-${id.slice(-4)}`,
          project: 'main',
          user: 'alice',
          fleet: FLEET,
          fingerprint: id,
          seal: 'none',
          code: null,
          idempotencyKey: id,
        },
        configuration: { ...task({ idle_duration: '2m' }), nodes, ...fields },
      };
      for (;;) {
        const accepted = await live(() =>
          submit(on, { by: 'user:alice', causation: null, correlation: id }, gang),
        );
        if (accepted?.ok) return id;
      }
    },
    /** The answer to a request with this text for its body. */
    answer: (method: string, path: string, text?: string): Promise<Response> => {
      const headers = { 'content-type': 'application/json' };
      return call(path, text === undefined ? { method } : { method, body: text, headers });
    },
    async request(
      method: string,
      path: string,
      body?: Record<string, unknown>,
      headers = {},
      user = 'alice',
    ) {
      const sent = body === undefined ? { method } : { ...json(body, headers), method };
      const answer = await call(path, sent, user);
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
    },
    /** Creates a fleet or changes it. */
    async apply(fields: Record<string, unknown>): Promise<FleetName> {
      const configuration = { type: 'fleet', name: 'small', ...fields };
      const { status, body } = await this.request('POST', '/v1/fleets', { configuration });
      if (status !== 200 && status !== 201) throw new Error(`refused: ${JSON.stringify(body)}`);
      return FleetName.parse(configuration.name);
    },
    async stop(run: RunId, mode: StopMode): Promise<number> {
      return (await call(`/v1/runs/${run}/stop`, json({ mode }))).status;
    },
    scrape: async () => (await call('/v1/metrics', {})).text(),
    observe: (event: Observation) => live(() => observe(on, 'event-1', event)),

    async pass(milliseconds: number): Promise<void> {
      const end = clock.now() + milliseconds;
      while ((await step(end)) === 'went-on');
      await drain();
    },
    /** Lets time pass until it is so; an hour is long enough for anything. */
    async until(what: string, isSo: () => boolean | Promise<boolean>, within = 60 * MINUTE): Promise<void> {
      const end = clock.now() + within;
      while (!(await isSo()))
        if ((await step(end)) === 'at-end')
          throw new Error(
            `not within ${within / MINUTE} min: ${what}\n${store.commits.map(told).join('\n')}`,
          );
    },

    run: async (id: RunId) => existing((await store.load(Run, id)).state),
    job: async (id: RunId, index = 0) => existing((await store.load(Job, jobId(id, index))).state),
    fleet: async (name = FLEET) => existing((await store.load(Fleet, name)).state),
    async instances() {
      const ids = [...store.heads.keys()].flatMap((key) => InstanceId.safeParse(key.slice(9)).data ?? []);
      return Promise.all(ids.map(async (id) => existing((await store.load(Instance, id)).state)));
    },
    machines: () => [...world.machines.values()],
    /** The types of all events of one kind of stream, as they came to be. */
    told: (name: StreamRef['name'], id = '') =>
      store.commits
        .filter(({ stream }) => stream.name === name && stream.id.startsWith(id))
        .flatMap(({ events }) => events.map((event) => event.type)),
  };
}

function existing<T>(state: T | undefined): T {
  if (state === undefined) throw new Error('there is no such stream');
  return state;
}

const told = ({ stream, at, by, events }: ReturnType<typeof memoryEventStore>['commits'][number]): string =>
  `${(at - T0) / 1_000}s ${by} ${stream.name}-${stream.id.slice(-6)} ${JSON.stringify(events).slice(0, 160)}`;
