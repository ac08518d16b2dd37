import { readFileSync } from 'node:fs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createTables, type TableProperties } from '../infra/local/dynamodb/tables.ts';
import { credentials } from '../infra/local/embedded-aws.ts';
import { type Sample, sampleOf, seedFinishedRuns } from './finished-runs.ts';
import { type MeteredDynamoDb, meteredDynamoDb } from './metered-dynamodb.ts';
import { type BenchSortie, configuration, quiet, startSortie } from './sortie.ts';
import { type Spread, spreadOf } from './spread.ts';

export interface Request {
  readonly name: string;
  /** Milliseconds. */
  readonly time: Spread;
  /** Capacity units of DynamoDB, per request. */
  readonly units: number;
}

/** What a Sortie on an empty table took, and what another one's table is filled from. */
export interface OnEmpty {
  readonly rows: readonly Request[];
  readonly tables: readonly TableProperties[];
  readonly like: Sample;
}

export interface OnFull {
  readonly rows: readonly Request[];
  readonly items: number;
  /** That the seeding took. */
  readonly seconds: number;
}

export async function onEmptyTable(repeats: number): Promise<OnEmpty> {
  const dynamodb = await meteredDynamoDb();
  try {
    const bench = await startSortie(dynamodb.endpoint);
    try {
      const like = await warm(bench, dynamodb);
      const { tables } = bench.sortie.host.deployment;
      const sample = await sampleOf(dynamodb.unmetered, String(tables[0]?.['TableName']), like);
      return { rows: await requests(bench, dynamodb, repeats), tables, like: sample };
    } finally {
      await bench.end();
    }
  } finally {
    await dynamodb.close();
  }
}

/** The table is there, with `finished` runs in it, before Sortie starts. */
export async function onFullTable(
  { tables, like }: OnEmpty,
  finished: number,
  repeats: number,
): Promise<OnFull> {
  const dynamodb = await meteredDynamoDb();
  try {
    const endpoint = dynamodb.unmetered;
    const start = performance.now();
    const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials });
    await createTables(client, tables).finally(() => client.destroy());
    const table = String(tables[0]?.['TableName']);
    const { items } = await seedFinishedRuns({ endpoint, table, like, count: finished });
    const seconds = (performance.now() - start) / 1000;
    process.stderr.write(`${items} items in ${seconds.toFixed(1)} s\n`);
    const bench = await startSortie(dynamodb.endpoint);
    try {
      await warm(bench, dynamodb);
      return { rows: await requests(bench, dynamodb, repeats), items, seconds };
    } finally {
      await bench.end();
    }
  } finally {
    await dynamodb.close();
  }
}

/** With an idle instance, and every path taken once. */
async function warm(bench: BenchSortie, dynamodb: MeteredDynamoDb) {
  const { id } = await bench.submit(['true']);
  const like = await bench.until(id, 'done');
  await requests(bench, dynamodb, 5);
  return like;
}

async function requests(bench: BenchSortie, { units }: MeteredDynamoDb, repeats: number): Promise<Request[]> {
  const task = configuration(['true']);
  const kinds: Record<string, () => Promise<unknown>> = {
    'POST /v1/plans': () => bench.post('/v1/plans', task),
    'POST /v1/runs': () => bench.submit(['true']),
    'GET /v1/runs?status=active (ps)': () => bench.get('/v1/runs?status=active'),
    'GET /v1/runs (ps -a)': () => bench.get('/v1/runs?limit=20'),
  };
  const { id } = await bench.submit(['true']);
  await bench.until(id, 'done');
  kinds['GET /v1/runs/{run}'] = () => bench.get(`/v1/runs/${id}`);
  const rows: Request[] = [];
  for (const [name, request] of Object.entries(kinds)) {
    const times: number[] = [];
    let used = 0;
    for (let index = 0; index < repeats; index++) {
      // A submission's run is over before the next one, and before anything else is measured.
      await quiet(bench, name === 'POST /v1/runs' ? 300 : 0);
      const before = units.reads + units.writes;
      const start = performance.now();
      await request();
      times.push(performance.now() - start);
      used += units.reads + units.writes - before;
    }
    await quiet(bench, 300);
    rows.push({ name, time: spreadOf(times), units: used / repeats });
  }
  return rows;
}

// <repeats>, or <repeats> <finished> <file with what the empty table's process said>
if (import.meta.main) {
  const [repeats, finished, file] = process.argv.slice(2);
  const measured = file
    ? await onFullTable(JSON.parse(readFileSync(file, 'utf8')) as OnEmpty, Number(finished), Number(repeats))
    : await onEmptyTable(Number(repeats));
  process.stdout.write(`${JSON.stringify(measured)}\n`);
}
