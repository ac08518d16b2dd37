import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { CreateTableCommand, DynamoDBClient, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { dynamoClient } from '../../../infra/dynamodb/client.ts';

export interface Engine {
  readonly endpoint: string;
  /** A table of its own for each test: what one writes, no other reads. */
  newTable(): Promise<string>;
  readonly client: DynamoDBDocumentClient;
  stop(): Promise<void>;
}

/** A real DynamoDB engine in memory, or the one that SORTIE_DYNAMODB_ENDPOINT names. */
export async function startEngine(): Promise<Engine> {
  const given = process.env['SORTIE_DYNAMODB_ENDPOINT'];
  const engine = given === undefined ? await startDynoxide() : { endpoint: given, stop: async () => {} };
  const raw = clientOf(engine.endpoint);
  const client = dynamoClient(settingsOf(engine.endpoint));
  let tables = 0;
  return {
    endpoint: engine.endpoint,
    client,
    async newTable() {
      const TableName = `sortie-${process.pid}-${Date.now()}-${tables++}`;
      await raw.send(new CreateTableCommand({ TableName, ...layout }));
      await waitUntilTableExists({ client: raw, maxWaitTime: 10, minDelay: 0.05 }, { TableName });
      return TableName;
    },
    async stop() {
      client.destroy();
      raw.destroy();
      await engine.stop();
    },
  };
}

export const settingsOf = (endpoint: string) => ({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
});

export const clientOf = (endpoint: string): DynamoDBClient => new DynamoDBClient(settingsOf(endpoint));

async function startDynoxide() {
  const port = await freePort();
  const binary = createRequire(import.meta.url).resolve('@dynoxide/linux-x64/dynoxide');
  const child = spawn(binary, ['--port', String(port)], { stdio: ['ignore', 'ignore', 'pipe'] });
  const said = createInterface({ input: child.stderr });
  const [greeting] = await Promise.race([once(said, 'line'), once(child, 'exit')]);
  if (!String(greeting).includes('listening')) throw new Error(`dynoxide did not start: ${greeting}`);
  return {
    endpoint: `http://127.0.0.1:${port}`,
    async stop() {
      const exit = once(child, 'exit');
      child.kill();
      await exit;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port on the loopback interface');
  return address.port;
}

const attribute = (AttributeName: string, AttributeType: 'S' | 'N' = 'S') => ({
  AttributeName,
  AttributeType,
});
const keys = (hash: string, range: string) => [
  { AttributeName: hash, KeyType: 'HASH' as const },
  { AttributeName: range, KeyType: 'RANGE' as const },
];

// The table of docs/contracts.md, as serverless.yml deploys it.
const layout = {
  BillingMode: 'PAY_PER_REQUEST' as const,
  AttributeDefinitions: [
    ...['pk', 'sk', 'list_pk', 'list_sk', 'work_pk', 'work_sk', 'due_pk'].map((name) => attribute(name)),
    attribute('due', 'N'),
  ],
  KeySchema: keys('pk', 'sk'),
  GlobalSecondaryIndexes: [
    {
      IndexName: 'list',
      KeySchema: keys('list_pk', 'list_sk'),
      Projection: { ProjectionType: 'INCLUDE' as const, NonKeyAttributes: ['view'] },
    },
    {
      IndexName: 'work',
      KeySchema: keys('work_pk', 'work_sk'),
      Projection: { ProjectionType: 'ALL' as const },
    },
    {
      IndexName: 'due',
      KeySchema: keys('due_pk', 'due'),
      Projection: { ProjectionType: 'KEYS_ONLY' as const },
    },
  ],
};
