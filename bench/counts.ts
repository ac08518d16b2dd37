import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import { meteredDynamoDb } from './metered-dynamodb.ts';
import { quiet, startSortie } from './sortie.ts';

/** What one run takes of each service, from its submission to the last reaction to its end. */
export interface Counts {
  /** By operation: `DynamoDB GetItem`, `S3 PUT`. */
  readonly calls: Readonly<Record<string, number>>;
  readonly reads: number;
  readonly writes: number;
  readonly functions: readonly { name: string; invocations: number; gigabyteSeconds: number }[];
}

type Finished = { request: ClientRequest };

/**
 * Counts `runs` runs, one after the other, on an idle instance. Nobody watches them: how often a client asks is its own.
 * Units of DynamoDB are those that the engine says it consumed; reads of the stream are free with Lambda, and left out.
 */
export async function benchCounts(runs: number): Promise<Counts> {
  const dynamodb = await meteredDynamoDb();
  const { units } = dynamodb;
  const bench = await startSortie(dynamodb.endpoint).catch(async (error: unknown) => {
    await dynamodb.close();
    throw error;
  });
  const { endpoints } = bench.sortie.aws;
  const services = new Map(Object.entries(endpoints).map(([name, url]) => [new URL(url).host, name]));
  const calls = new Map<string, number>();
  const count = (message: unknown): void => {
    const { request } = message as Finished;
    const target = String(request.getHeader('x-amz-target') ?? '');
    const service = services.get(String(request.getHeader('host')));
    if (service === undefined || target.includes('Streams')) return;
    const name = target === '' ? `${service} ${request.method}` : `${target.replace(/_\d+|^Amazon/g, '')}`;
    calls.set(name.replace('.', ' '), (calls.get(name.replace('.', ' ')) ?? 0) + 1);
  };
  try {
    await bench.until((await bench.submit(['true'])).id, 'done');
    await quiet(bench, 1_000);
    const metrics = () => bench.sortie.host.metrics().functions;
    const before = { functions: metrics(), ...units };
    subscribe('http.client.response.finish', count);
    const submitted = [];
    for (let run = 0; run < runs; run++) {
      submitted.push(await bench.submit(['echo hello']));
      await quiet(bench, 1_000);
    }
    unsubscribe('http.client.response.finish', count);
    const [reads, writes] = [units.reads - before.reads, units.writes - before.writes];
    const after = metrics();
    for (const { id } of submitted) await bench.until(id, 'done');
    return {
      calls: Object.fromEntries([...calls].sort().map(([name, total]) => [name, total / runs])),
      reads: reads / runs,
      writes: writes / runs,
      functions: bench.sortie.host.deployment.functions.map(({ name, memoryMb }) => {
        const [now, then] = [after[name], before.functions[name]];
        const milliseconds = (now?.durationMs.total ?? 0) - (then?.durationMs.total ?? 0);
        return {
          name,
          invocations: ((now?.invocations ?? 0) - (then?.invocations ?? 0)) / runs,
          gigabyteSeconds: (milliseconds / 1000 / runs) * (memoryMb / 1024),
        };
      }),
    };
  } finally {
    unsubscribe('http.client.response.finish', count);
    try {
      await bench.end();
    } finally {
      await dynamodb.close();
    }
  }
}

if (import.meta.main)
  process.stdout.write(`${JSON.stringify(await benchCounts(Number(process.argv[2] ?? 5)))}\n`);
