import { seedFinishedRuns } from './finished-runs.ts';
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

export interface FullTable {
  readonly finished: number;
  readonly items: number;
  readonly seconds: number;
  readonly empty: readonly Request[];
  readonly full: readonly Request[];
}

/** The same requests to the same Sortie, before and after `finished` runs come to be in its table. */
export async function benchFullTable(finished: number, repeats: number): Promise<FullTable> {
  const dynamodb = await meteredDynamoDb();
  try {
    const [bench, like] = await warm(dynamodb);
    let open: BenchSortie | null = bench;
    try {
      const empty = await requests(bench, dynamodb, repeats);
      const table = String(bench.sortie.host.deployment.tables[0]?.['TableName']);
      open = null;
      await bench.end();
      const start = performance.now();
      const seeded = await seedFinishedRuns({ endpoint: dynamodb.endpoint, table, like, count: finished });
      const seconds = (performance.now() - start) / 1000;
      const [after] = await warm(dynamodb);
      open = after;
      const full = await requests(after, dynamodb, repeats);
      return { finished, ...seeded, seconds, empty, full };
    } finally {
      await open?.end();
    }
  } finally {
    await dynamodb.close();
  }
}

/** With an idle instance, and every path taken once. */
async function warm(dynamodb: MeteredDynamoDb) {
  const bench = await startSortie(dynamodb.endpoint);
  const first = await bench.submit(['true']);
  const like = await bench.until(first.id, 'done');
  await requests(bench, dynamodb, 5);
  return [bench, like] as const;
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

if (import.meta.main)
  console.log(JSON.stringify(await benchFullTable(Number(process.argv[2] ?? 500), 15), null, 1));
