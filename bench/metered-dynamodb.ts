import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDynamoDb } from '../infra/local/dynamodb/start.ts';
import { listen } from '../infra/local/listen.ts';
import { signed } from '../infra/local/wire/signature.ts';
import { owned } from './owned.ts';

export interface MeteredDynamoDb {
  readonly endpoint: string;
  /** The engine itself, where nothing is counted. */
  readonly unmetered: string;
  readonly databaseFile: string;
  /** Capacity units consumed so far, as the engine counts them, and requests; they go on counting. */
  readonly units: { reads: number; writes: number; requests: number };
  close(): Promise<void>;
}

/** Of both of its endpoints. */
export const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };

const READS = ['GetItem', 'Query', 'BatchGetItem', 'TransactGetItems'];
const WRITES = ['PutItem', 'UpdateItem', 'DeleteItem', 'TransactWriteItems', 'BatchWriteItem'];

type Consumed = { CapacityUnits?: number };

/** A DynamoDB of the bench's own that is asked, with every call, what the call has consumed. */
export async function meteredDynamoDb(): Promise<MeteredDynamoDb> {
  const folder = mkdtempSync(join(tmpdir(), 'sortie-bench-dynamodb-'));
  const by = { region: 'us-east-1', service: 'dynamodb', credentials };
  const engine = await startDynamoDb({ dataDir: folder, tables: [], ...by });
  const units = { reads: 0, writes: 0, requests: 0 };
  const agent = new Agent({ keepAlive: true });

  const meter = (operation: string, text: string): void => {
    const { ConsumedCapacity } = JSON.parse(text) as { ConsumedCapacity?: Consumed | Consumed[] };
    const sum = [ConsumedCapacity ?? []].flat().reduce((total, one) => total + (one.CapacityUnits ?? 0), 0);
    if (READS.includes(operation)) units.reads += sum;
    else units.writes += sum;
    units.requests += 1;
  };
  const proxy = await listen((incoming, answer) => {
    void collected(incoming).then((body) => {
      const target = String(incoming.headers['x-amz-target'] ?? '');
      const operation = target.split('.')[1] ?? '';
      const metered = READS.includes(operation) || WRITES.includes(operation);
      const sent = metered
        ? Buffer.from(JSON.stringify({ ...JSON.parse(body.toString()), ReturnConsumedCapacity: 'TOTAL' }))
        : body;
      // Under the engine's own name: else who counts requests by host would count each of them twice.
      const { host } = new URL(engine.endpoint);
      const plain = { host, 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': target };
      const method = 'POST';
      const headers = {
        ...signed({ method, path: '/', query: [], headers: plain }, sent, by, Date.now()),
        'content-length': String(sent.length),
      };
      const onward = request(engine.endpoint, { agent, method, headers }, (reply) => {
        void collected(reply).then((replied) => {
          if (metered && reply.statusCode === 200) meter(operation, replied.toString());
          answer.writeHead(reply.statusCode ?? 502, reply.headers).end(replied);
        });
      });
      onward.on('error', (error) => answer.destroy(error));
      onward.end(sent);
    });
  }, 0);
  return {
    endpoint: proxy.url,
    unmetered: engine.endpoint,
    databaseFile: join(folder, 'dynamodb.db'),
    units,
    close: owned(async () => {
      agent.destroy();
      await proxy.close();
      await engine.close();
      rmSync(folder, { recursive: true, force: true });
    }),
  };
}

async function collected(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
