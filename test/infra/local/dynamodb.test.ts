import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { DescribeTableCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { findDynoxide, startEngine } from '../../../infra/local/dynamodb/engine.ts';
import { namespaced, onLoopback } from '../../../infra/local/dynamodb/isolation.ts';
import { startDynamoDb } from '../../../infra/local/dynamodb/start.ts';
import { openStreamRecords } from '../../../infra/local/dynamodb/stream-records.ts';
import type { TableProperties } from '../../../infra/local/dynamodb/tables.ts';
import { deploy } from '../../../infra/local/host/service/deploy.ts';
import { streamsApi } from '../../../infra/local/host/streams/streams-api.ts';
import { needing } from '../../needs.ts';
import { PATIENCE_MS } from '../../patience.ts';
import { credentials, fixtureService, temporaryFolder } from './fixtures/stack.ts';

const region = 'us-east-1';
const [fixtureTable] = deploy(fixtureService(), { apiUrl: '', sqsUrl: '' }).tables as [TableProperties];
const name = 'fixture-test-things';
const undo: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

function dataFolder(): string {
  const folder = temporaryFolder();
  undo.push(folder.remove);
  return folder.path;
}
async function start(dataDir: string, tables: readonly TableProperties[] = [fixtureTable]) {
  const dynamodb = await startDynamoDb({ dataDir, region, credentials, tables });
  const client = new DynamoDBClient({ endpoint: dynamodb.endpoint, region, credentials });
  const close = async () => {
    client.destroy();
    await dynamodb.close();
  };
  return { dynamodb, client, close };
}
const write = (client: DynamoDBClient, number: number) =>
  client.send(new PutItemCommand({ TableName: name, Item: { pk: { S: 'k' }, sk: { S: String(number) } } }));

test('tables are made as CloudFormation describes them, once, and their items are kept', async () => {
  const folder = dataFolder();
  for (const life of [1, 2]) {
    const { client, close } = await start(folder);
    await write(client, life);
    const { Table } = await client.send(new DescribeTableCommand({ TableName: name }));
    expect(Table).toMatchObject({
      ItemCount: life,
      KeySchema: [{ AttributeName: 'pk' }, { AttributeName: 'sk' }],
      GlobalSecondaryIndexes: [{ IndexName: 'due' }],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
    });
    await close();
  }
});

test('a table on disk with other keys is an error that says what to do', async () => {
  const folder = dataFolder();
  await (await start(folder)).close();
  await expect(start(folder, [{ ...fixtureTable, GlobalSecondaryIndexes: [] }])).rejects.toThrow(
    /fixture-test-things on disk has other keys or indexes.*--data/,
  );
});

test('a property of a table that means something, and is not known, is an error', async () => {
  await expect(start(dataFolder(), [{ ...fixtureTable, ImportSourceSpecification: {} }])).rejects.toThrow(
    /does not know ImportSourceSpecification/,
  );
});

test('an endpoint of the user’s own is used instead, and left alone', async () => {
  const folder = dataFolder();
  const engine = await startDynamoDb({ dataDir: folder, region, credentials, tables: [] });
  undo.push(engine.close);
  const own = await startDynamoDb({
    dataDir: dataFolder(),
    endpoint: engine.endpoint,
    region,
    credentials,
    tables: [fixtureTable],
  });
  expect([own.endpoint, own.trimStream, own.pid()]).toEqual([engine.endpoint, null, null]);
  await own.close();
  const client = new DynamoDBClient({ endpoint: engine.endpoint, region, credentials });
  expect((await client.send(new DescribeTableCommand({ TableName: name }))).Table?.TableStatus).toBe(
    'ACTIVE',
  );
  client.destroy();
});

test('without an engine, the error says what to install', () => {
  expect(() => findDynoxide('plan9-mips')).toThrow(
    /@dynoxide\/plan9-mips is not installed.*SORTIE_DYNAMODB_ENDPOINT/,
  );
});

test('handled records are dropped, but never the newest; the sequence goes on', async () => {
  const folder = dataFolder();
  const { dynamodb, client, close } = await start(folder);
  undo.push(close);
  for (let number = 1; number <= 5; number++) await write(client, number);
  const api = streamsApi({ endpoint: dynamodb.endpoint, region, credentials });
  undo.push(api.close);
  const { streamArn } = await api.describeTable(name);
  const [shard] = await api.shards(streamArn);
  const sequences = async () => {
    const iterator = await api.iterator(streamArn, shard?.ShardId ?? '', 'TRIM_HORIZON');
    return (await api.records(iterator)).records.map(({ dynamodb: { SequenceNumber } }) => SequenceNumber);
  };
  dynamodb.trimStream?.(name, '3');
  expect(await sequences()).toEqual(['4', '5']);
  dynamodb.trimStream?.(name, '5');
  expect(await sequences()).toEqual(['5']);
  await write(client, 6);
  expect(await sequences()).toEqual(['5', '6']);
});

test('the index that keeps writes fast is there, and used', async () => {
  const folder = dataFolder();
  const { close } = await start(folder);
  await close();
  const file = join(folder, 'dynamodb.db');
  openStreamRecords(file).close();
  const database = new DatabaseSync(file);
  const plan = database
    .prepare(
      `EXPLAIN QUERY PLAN SELECT MAX(CAST(sequence_number AS INTEGER)) FROM _stream_records WHERE table_name = ?`,
    )
    .all(name);
  database.close();
  expect(JSON.stringify(plan)).toContain('sortie_stream');
});

test('a process left behind by an earlier start is ended; another one that has its number is not', async () => {
  const folder = dataFolder();
  const bystander = spawn('sleep', ['60'], { stdio: 'ignore' });
  undo.push(() => void bystander.kill('SIGKILL'));
  const first = await startEngine(folder);
  undo.push(first.close);
  const leftover = first.pid() ?? 0;
  const second = await startEngine(folder);
  undo.push(second.close);
  await vi.waitFor(() => expect(first.pid()).not.toBe(leftover), PATIENCE_MS);
  const other = dataFolder();
  writeFileSync(join(other, 'dynamodb.pid'), JSON.stringify({ pid: bystander.pid, started: 'another time' }));
  const third = await startEngine(other);
  undo.push(third.close);
  expect(bystander.exitCode).toBe(null);
  expect(bystander.signalCode).toBe(null);
});

describe.each([
  ['in a namespace of its own', namespaced, needing('bubblewrap')],
  ['on the loopback interface', onLoopback, {}],
])('the engine %s', (_, isolation, needed) => {
  test('comes back when it is killed, and leaves nobody behind at its end', needed, async () => {
    const folder = dataFolder();
    const engine = await startEngine(folder, isolation);
    const first = await engine.connect().then(connected);
    const closed = new Promise((resolve) => first.on('error', () => {}).on('close', resolve));
    first.resume();
    process.kill(engine.pid() ?? 0, 'SIGKILL');
    await closed;
    const again = () => engine.connect().then(connected);
    (await vi.waitFor(again, PATIENCE_MS)).destroy();
    await engine.close();
    await expect(again()).rejects.toThrow(/ended|ECONNREFUSED/);
    const left = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
    expect(left.split('\n').filter((line) => line.includes(folder))).toEqual([]);
  });

  test('takes a hundred connections at once, without a warning', needed, async () => {
    const warnings: Error[] = [];
    const warned = (warning: Error) => void warnings.push(warning);
    process.on('warning', warned);
    undo.push(() => void process.off('warning', warned));
    const engine = await startEngine(dataFolder(), isolation);
    undo.push(engine.close);
    const sockets = await Promise.all(Array.from({ length: 100 }, () => engine.connect().then(connected)));
    const ports = new Set(sockets.map(({ localPort }) => localPort));
    for (const socket of sockets) socket.destroy();
    expect(ports.size).toBe(100);
    expect(warnings).toEqual([]);
  });
});

async function connected(socket: Socket): Promise<Socket> {
  if (socket.connecting) await once(socket, 'connect');
  return socket;
}
