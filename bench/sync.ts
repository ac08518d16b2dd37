import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { MINUTE, SECOND } from '../domain/kernel/instant.ts';
import { callCounts } from '../domain/metrics/call-counts.ts';
import type { Reactive } from '../functions/react/ports.ts';
import { keepInTouch } from '../functions/sync/keep-in-touch.ts';
import { meetDeadlines } from '../functions/sync/meet-deadlines.ts';
import { reconcile } from '../functions/sync/reconcile.ts';
import { sync } from '../functions/sync/sync.ts';
import { metricsTeller } from '../functions/sync/tell-metrics.ts';
import { loadCatalogue } from '../infra/catalogue/load.ts';
import { dynamoEventStore } from '../infra/dynamodb/event-store.ts';
import { dynamoTally } from '../infra/dynamodb/tally.ts';
import { createTables } from '../infra/local/dynamodb/tables.ts';
import { systemRuntime } from '../infra/runtime.ts';
import { memoryBundles } from '../test/fakes/memory-bundles.ts';
import { always } from '../test/fakes/memory-catalogue.ts';
import { memoryCloud } from '../test/fakes/memory-cloud.ts';
import { memoryCodeStore } from '../test/fakes/memory-code-store.ts';
import { memoryCommands } from '../test/fakes/memory-commands.ts';
import { memorySecrets } from '../test/fakes/memory-secrets.ts';
import { createWorld } from '../test/fakes/world.ts';
import { type Calls, countedCalls } from './counted-calls.ts';
import { seedFinishedRuns } from './finished-runs.ts';
import { seedInstances } from './live-instances.ts';
import { credentials, type MeteredDynamoDb, meteredDynamoDb } from './metered-dynamodb.ts';
import { type Spread, spreadOf } from './spread.ts';
import { startTable } from './table-process.ts';
import type { Origin } from './table-requests.ts';

export interface SyncFigures {
  readonly instances: number;
  readonly finished: number;
  readonly parts: readonly SyncPart[];
  /** The most memory that the process had, the tests' EC2 and SSM included; MB. */
  readonly memory: number;
}

interface SyncPart {
  readonly name: string;
  /** Milliseconds. */
  readonly time: Spread;
  /** Milliseconds that the process computed, the tests' EC2 and SSM included. */
  readonly cpu: Spread;
  /** Requests, each time: to DynamoDB, and as many as EC2 and SSM would have got. */
  readonly requests: number;
  readonly ec2: number;
  readonly ssm: number;
  /** Capacity units of DynamoDB, each time. */
  readonly reads: number;
  readonly writes: number;
}

/** None, few and many. */
export const CROWDS = [0, 20, 1_000, 10_000];
const T0 = Date.parse('2026-11-20T12:00:00Z');
// In minutes in which idle instances hear from us, and before who boots since the start is given up.
const TIMES = [0, 3, 6, 9]
  .flatMap((minute) => [0, 20, 40].map((s) => T0 + minute * MINUTE + s * SECOND))
  .slice(0, 10);

/** One sync, and each of its parts alone, at so many instances each; the most of them with a history, too. */
export async function benchSync(finished: number, crowds: readonly number[]): Promise<SyncFigures[]> {
  const sortie = await startTable();
  const { origin } = sortie.ready;
  await sortie.end();
  const scenes = crowds.map((instances) => ({ instances, finished: 0 }));
  if (finished > 0) scenes.push({ instances: Math.max(...crowds), finished });
  const figures: SyncFigures[] = [];
  for (const scene of scenes) {
    process.stderr.write(`  ${scene.instances} instances, ${scene.finished} finished runs …\n`);
    figures.push(await measured(origin, scene));
  }
  return figures;
}

async function measured(
  { tables, like }: Origin,
  scene: Pick<SyncFigures, 'instances' | 'finished'>,
): Promise<SyncFigures> {
  const dynamodb = await meteredDynamoDb();
  const [metered, direct] = [dynamodb.endpoint, dynamodb.unmetered].map((endpoint) =>
    DynamoDBDocumentClient.from(new DynamoDBClient({ endpoint, region: 'us-east-1', credentials }), {
      marshallOptions: { removeUndefinedValues: true },
    }),
  );
  if (metered === undefined || direct === undefined) throw new Error('a table takes two clients');
  try {
    await createTables(direct as unknown as DynamoDBClient, tables);
    const table = String(tables[0]?.['TableName']);
    if (scene.finished > 0)
      await seedFinishedRuns({
        endpoint: dynamodb.unmetered,
        databaseFile: dynamodb.databaseFile,
        table,
        like,
        count: scene.finished,
      });
    const clock = { now: T0 };
    const world = createWorld(() => clock.now);
    await seedInstances(direct, table, world, scene.instances, T0);
    const { calls, ...counted } = countedCalls(memoryCloud(world), memoryCommands(world));
    const on: Reactive = {
      store: dynamoEventStore(metered, table),
      runtime: { ...systemRuntime(), now: () => clock.now },
      ...counted,
      bundles: memoryBundles(),
      code: memoryCodeStore(),
      secrets: memorySecrets(),
      catalogue: always(loadCatalogue('us-east-1')),
      settings: {
        apiUrl: 'http://bench.invalid',
        zones: null,
        fleetInstances: 1_000,
        concurrentLaunches: 20,
        priceFactor: 1.5,
        deadmanSeconds: 3_600,
      },
      by: 'function:sync',
    };
    const accounts = { calls: callCounts(), tally: dynamoTally(metered, table), tell: () => {} };
    const parts = await passes(on, metricsTeller(on, accounts), clock, { units: dynamodb.units, calls });
    return { ...scene, parts, memory: process.resourceUsage().maxRSS / 1024 };
  } finally {
    metered.destroy();
    direct.destroy();
    await dynamodb.close();
  }
}

/** At every other time the whole, else part by part: what one has looked at is not due again for the other. */
async function passes(
  on: Reactive,
  metrics: ReturnType<typeof metricsTeller>,
  clock: { now: number },
  { units, calls }: Pick<MeteredDynamoDb, 'units'> & { calls: Calls },
): Promise<SyncPart[]> {
  const deadline = () => clock.now;
  const whole = async () => {
    const failures = await sync(on, deadline, metrics.gauges);
    await metrics.calls();
    return failures;
  };
  const parts: Record<string, () => Promise<unknown>> = {
    reconcile: () => reconcile(on),
    'keep-in-touch': () => keepInTouch(on),
    'meet-deadlines': () => meetDeadlines(on, deadline),
    'tell-metrics': () => metrics.gauges().then(metrics.calls),
  };
  const taken = new Map<string, Taken[]>();
  for (const [index, now] of TIMES.entries()) {
    clock.now = now;
    const works = index % 2 === 0 ? { 'all of it': whole } : parts;
    for (const [name, work] of Object.entries(works)) {
      const before = { ...units, ...calls };
      const [start, cpu] = [performance.now(), process.cpuUsage()];
      const failures = await work();
      const time = performance.now() - start;
      const { user, system } = process.cpuUsage(cpu);
      if (Array.isArray(failures) && failures.length > 0) throw new Error(`${name}: ${String(failures[0])}`);
      // The first is the compiler's.
      if (index < 2) continue;
      const after = { ...units, ...calls };
      const each = Object.fromEntries(COUNTED.map((what) => [what, after[what] - before[what]])) as Counts;
      taken.set(name, [...(taken.get(name) ?? []), { time, cpu: (user + system) / 1_000, ...each }]);
    }
  }
  return [...taken].map(([name, all]) => {
    const mean = (what: keyof Counts): number => all.reduce((sum, one) => sum + one[what], 0) / all.length;
    return {
      name,
      time: spreadOf(all.map(({ time }) => time)),
      cpu: spreadOf(all.map(({ cpu }) => cpu)),
      ...(Object.fromEntries(COUNTED.map((what) => [what, mean(what)])) as Counts),
    };
  });
}

const COUNTED = ['requests', 'ec2', 'ssm', 'reads', 'writes'] as const;
type Counts = Pick<SyncPart, (typeof COUNTED)[number]>;
type Taken = Counts & { readonly time: number; readonly cpu: number };

if (import.meta.main) {
  const [finished = 10_000, ...crowds] = process.argv.slice(2).map(Number);
  console.log(JSON.stringify(await benchSync(finished, crowds.length > 0 ? crowds : CROWDS)));
}
