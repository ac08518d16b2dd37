import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createTables, type TableProperties } from '../infra/local/dynamodb/tables.ts';
import { type Sample, sampleOf, seedFinishedRuns } from './finished-runs.ts';
import { credentials, type MeteredDynamoDb, meteredDynamoDb } from './metered-dynamodb.ts';
import { type BenchSortie, configuration, quiet, startSortie } from './sortie.ts';

export const KINDS = [
  'POST /v1/plans',
  'POST /v1/runs',
  'GET /v1/runs?status=active (ps)',
  'GET /v1/runs (ps -a)',
  'GET /v1/runs/{run}',
] as const;
export type Kind = (typeof KINDS)[number];

export interface Ask {
  readonly kind: Kind;
  readonly count: number;
}

export interface Measured {
  /** Milliseconds, one for each request. */
  readonly times: readonly number[];
  /** Capacity units of DynamoDB, of all requests. */
  readonly units: number;
}

/** Said once: what another table is filled from, and how long the filling of this one took. */
export interface Ready {
  readonly origin: Origin;
  readonly seeded: Seeded | null;
}

export interface Origin {
  readonly tables: readonly TableProperties[];
  readonly like: Sample;
}

interface Seeded {
  readonly items: number;
  readonly seconds: number;
}

/** Before any Sortie starts on it, the table gets `finished` runs like the sample. */
async function seed(
  { unmetered, databaseFile }: MeteredDynamoDb,
  { tables, like }: Origin,
  finished: number,
): Promise<Seeded> {
  const start = performance.now();
  const client = new DynamoDBClient({ endpoint: unmetered, region: 'us-east-1', credentials });
  await createTables(client, tables).finally(() => client.destroy());
  const table = String(tables[0]?.['TableName']);
  const { items } = await seedFinishedRuns({
    endpoint: unmetered,
    databaseFile,
    table,
    like,
    count: finished,
  });
  const seconds = (performance.now() - start) / 1000;
  process.stderr.write(`${items} items in ${seconds.toFixed(1)} s\n`);
  return { items, seconds };
}

async function measure(
  { bench, dynamodb: { units }, example }: Measuring,
  { kind, count }: Ask,
): Promise<Measured> {
  const task = configuration(['true']);
  const request: Record<Kind, () => Promise<unknown>> = {
    'POST /v1/plans': () => bench.post('/v1/plans', task),
    'POST /v1/runs': () => bench.submit(['true']),
    'GET /v1/runs?status=active (ps)': () => bench.get('/v1/runs?status=active'),
    'GET /v1/runs (ps -a)': () => bench.get('/v1/runs?limit=20'),
    'GET /v1/runs/{run}': () => bench.get(`/v1/runs/${example}`),
  };
  const times: number[] = [];
  let used = 0;
  for (let index = 0; index < count; index++) {
    const before = units.reads + units.writes;
    const start = performance.now();
    await request[kind]();
    times.push(performance.now() - start);
    used += units.reads + units.writes - before;
    // A submission's run is over before anything else is measured.
    if (kind === 'POST /v1/runs') await quiet(bench, 300);
  }
  return { times, units: used };
}

interface Measuring {
  readonly bench: BenchSortie;
  readonly dynamodb: MeteredDynamoDb;
  /** A run that is done. */
  readonly example: string;
}

/** Answers what it is asked until nobody is there to ask. */
async function serve(finished: number, file: string | undefined): Promise<void> {
  const dynamodb = await meteredDynamoDb();
  try {
    const given = file === undefined ? null : (JSON.parse(readFileSync(file, 'utf8')) as Origin);
    const seeded = given && (await seed(dynamodb, given, finished));
    const bench = await startSortie(dynamodb.endpoint);
    try {
      const run = await bench.until((await bench.submit(['true'])).id, 'done');
      const measuring = { bench, dynamodb, example: run.id };
      for (const kind of KINDS) await measure(measuring, { kind, count: 5 });
      const { tables } = bench.sortie.host.deployment;
      const like = await sampleOf(dynamodb.unmetered, String(tables[0]?.['TableName']), run);
      const gone = once(process, 'disconnect');
      process.on('message', (ask: Ask) => void measure(measuring, ask).then((all) => process.send?.(all)));
      process.send?.({ origin: { tables, like }, seeded } satisfies Ready);
      await gone;
    } finally {
      await bench.end();
    }
  } finally {
    await dynamodb.close();
  }
}

if (import.meta.main) await serve(Number(process.argv[2] ?? 0), process.argv[3]);
