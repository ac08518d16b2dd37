import { BatchWriteItemCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { distort, noFaults, type StreamFaults } from '../../../infra/local/host/streams/faults.ts';
import { laneOf } from '../../../infra/local/host/streams/lane.ts';
import { PATIENCE_MS } from '../../patience.ts';
import { forget, observed, type SeenBatch } from './fixtures/observed.ts';
import { credentials, type Stack, startStack, temporaryFolder } from './fixtures/stack.ts';

const folder = temporaryFolder();
let stack: Stack;
let client: DynamoDBClient;

const start = async () => {
  stack = await startStack(folder.path, { retryMs: 1 });
  client = new DynamoDBClient({ endpoint: stack.dynamodb.endpoint, region: 'us-east-1', credentials });
};
const stop = async () => {
  client.destroy();
  await stack.close();
};
beforeAll(start);
afterAll(async () => {
  await stop();
  folder.remove();
});
afterEach(async () => {
  Object.assign(stack.host.faults, { duplicate: 0, drop: 0, delayMs: 0, order: 'kept', random: Math.random });
  await settled();
  forget();
});

const settled = () =>
  vi.waitFor(() => expect(stack.host.metrics().recordsUnderWay['react']).toBe(0), PATIENCE_MS);
const version = (number: number) => String(number).padStart(10, '0');
const write = (pk: string, sk: string) =>
  client.send(new PutItemCommand({ TableName: stack.table, Item: { pk: { S: pk }, sk: { S: sk } } }));
async function writeMany(pk: string, count: number): Promise<string[]> {
  for (let from = 1; from <= count; from += 25) {
    const items = Array.from({ length: Math.min(25, count - from + 1) }, (_, at) => ({
      PutRequest: { Item: { pk: { S: pk }, sk: { S: version(from + at) } } },
    }));
    await client.send(new BatchWriteItemCommand({ RequestItems: { [stack.table]: items } }));
  }
  return Array.from({ length: count }, (_, at) => `${pk}/${version(at + 1)}`);
}
const seen = (pk: string) =>
  observed.batches.react.flatMap(({ keys }) => keys).filter((key) => key.startsWith(`${pk}/`));
const published = (pk: string) =>
  observed.batches.publish.flatMap(({ keys }) => keys).filter((key) => key.startsWith(`${pk}/`));
const failOn = (bad: string) => (batch: SeenBatch) => {
  const at = batch.keys.indexOf(bad);
  if (at < 0) return null;
  return { batchItemFailures: [{ itemIdentifier: batch.event.Records[at]?.dynamodb.SequenceNumber }] };
};

test('a record has the shape of Lambda’s', async () => {
  await write('shape', version(1));
  await vi.waitFor(() => expect(seen('shape')).toHaveLength(1), PATIENCE_MS);
  expect(observed.batches.react[0]?.event.Records[0]).toMatchObject({
    eventSource: 'aws:dynamodb',
    eventName: 'INSERT',
    eventVersion: '1.1',
    awsRegion: 'us-east-1',
    eventSourceARN: expect.stringMatching(/table\/fixture-test-things\/stream\//),
    dynamodb: {
      Keys: { pk: { S: 'shape' }, sk: { S: version(1) } },
      NewImage: { pk: { S: 'shape' }, sk: { S: version(1) } },
      StreamViewType: 'NEW_IMAGE',
      SequenceNumber: expect.stringMatching(/^\d+$/),
    },
  });
});

test('only records that a filter lets through are delivered', async () => {
  await write('filter', 'head');
  await write('filter', version(1));
  await write('filter', version(1));
  await write('filter', version(2));
  await vi.waitFor(
    () => expect(seen('filter')).toEqual([`filter/${version(1)}`, `filter/${version(2)}`]),
    PATIENCE_MS,
  );
  await settled();
  expect(seen('filter')).toHaveLength(2);
});

test('batches are no larger than asked for, and have every record once', async () => {
  const expected = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((key) => writeMany(`order-${key}`, 60)));
  for (const keys of expected) {
    await vi.waitFor(() => expect(seen(keys[0]?.split('/')[0] ?? '').toSorted()).toEqual(keys), PATIENCE_MS);
  }
  expect(Math.max(...observed.batches.react.map(({ keys }) => keys.length))).toBeLessThanOrEqual(10);
});

test('items of one partition key are handled side by side, one item never', async () => {
  Object.assign(stack.host.faults, { duplicate: 1 });
  const running = new Map<string, number>();
  let most = 0;
  observed.react = async ({ keys }) => {
    const own = new Set(keys);
    for (const key of own) {
      expect(running.get(key) ?? 0).toBe(0);
      running.set(key, 1);
    }
    most = Math.max(
      most,
      [...running.values()].reduce((sum, one) => sum + one, 0),
    );
    await new Promise((resolve) => setImmediate(resolve));
    for (const key of own) running.set(key, 0);
    return null;
  };
  await writeMany('side', 50);
  await vi.waitFor(() => expect(seen('side')).toHaveLength(100), PATIENCE_MS);
  // More than a batch has.
  expect(most).toBeGreaterThan(10);
});

test('an item keeps its lane, and a partition key has several', () => {
  const record = (pk: string, sk: string) => ({
    eventID: sk,
    eventName: 'INSERT' as const,
    dynamodb: { Keys: { pk: { S: pk }, sk: { S: sk } }, SequenceNumber: '1', ApproximateCreationDateTime: 0 },
  });
  const lanes = Array.from({ length: 20 }, (_, at) => laneOf(record('Run-1', version(at + 1)), 10));
  expect(new Set(lanes).size).toBeGreaterThan(3);
  const { pk, sk } = record('Run-1', version(1)).dynamodb.Keys;
  const otherwise = { ...record('', ''), dynamodb: { ...record('', '').dynamodb, Keys: { sk, pk } } };
  expect(laneOf(otherwise, 10)).toBe(lanes[0]);
});

test('a batch window gathers records', async () => {
  const written = await writeMany('window', 30);
  const batches = () =>
    observed.batches.publish.filter(({ keys }) => keys.some((key) => written.includes(key)));
  const gathered = () => batches().flatMap(({ keys }) => keys.filter((key) => written.includes(key)));
  await vi.waitFor(() => expect(gathered()).toEqual(written), PATIENCE_MS);
  expect(batches().length).toBeLessThan(written.length / 3);
});

test('a partial failure repeats from the failed record on, and not what came before', async () => {
  const bad = `partial/${version(3)}`;
  let times = 0;
  observed.react = (batch) => (batch.keys.includes(bad) && times++ === 0 ? failOn(bad)(batch) : null);
  await writeMany('partial', 5);
  await vi.waitFor(() => expect(seen('partial')).toContain(`partial/${version(5)}`), PATIENCE_MS);
  await settled();
  const keys = seen('partial');
  expect(keys.filter((key) => key === bad)).toHaveLength(2);
  expect(keys.filter((key) => key === `partial/${version(2)}`)).toHaveLength(1);
});

test('a record that never succeeds goes to the dead letters, and its lane goes on', async () => {
  const bad = `poison/${version(2)}`;
  observed.react = failOn(bad);
  await writeMany('poison', 4);
  await vi.waitFor(() => expect(seen('poison')).toContain(`poison/${version(4)}`), PATIENCE_MS);
  await settled();
  expect(seen('poison').filter((key) => key === bad).length).toBeGreaterThanOrEqual(3);
  const [letter] = stack.queues.receive('fixture-test-dead-letters', 10, 0) ?? [];
  expect(JSON.parse(letter?.body ?? '{}')).toMatchObject({
    version: '1.0',
    requestContext: {
      functionArn: 'arn:aws:lambda:us-east-1:123456789012:function:fixture-test-react',
      condition: 'RetryAttemptsExhausted',
      approximateInvokeCount: 3,
    },
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    DDBStreamBatchInfo: { batchSize: 1, shardId: expect.stringMatching(/^shardId-/) },
  });
});

test('a stream may be made to repeat and to lose records', async () => {
  Object.assign(stack.host.faults, { duplicate: 1 });
  await writeMany('twice', 3);
  await vi.waitFor(() => expect(seen('twice')).toHaveLength(6), PATIENCE_MS);
  // The other mapping reads at its own pace: its records of before are not to be counted among the lost.
  await vi.waitFor(() => expect(published('twice')).toHaveLength(6), PATIENCE_MS);
  let dropped = 0;
  const random = () => {
    dropped += 1;
    return 0;
  };
  Object.assign(stack.host.faults, { duplicate: 0, drop: 1, random });
  await writeMany('lost', 3);
  await vi.waitFor(() => expect(dropped).toBe(6), PATIENCE_MS); // by both mappings
  Object.assign(stack.host.faults, { drop: 0, delayMs: 30 });
  await writeMany('late', 3);
  await vi.waitFor(() => expect(seen('late')).toHaveLength(3), PATIENCE_MS);
  expect(seen('lost')).toEqual([]);
});

test('a stream may be made to shuffle what is read at once', () => {
  const records = ['1', '2', '3', '4'].map((SequenceNumber) => ({
    eventID: SequenceNumber,
    eventName: 'INSERT' as const,
    dynamodb: { Keys: {}, SequenceNumber, ApproximateCreationDateTime: 0 },
  }));
  const order = (faults: StreamFaults) => distort(records, faults).map(({ record }) => record.eventID);
  expect(order(noFaults())).toEqual(['1', '2', '3', '4']);
  expect(order({ ...noFaults(), order: 'shuffled', random: () => 0 })).toEqual(['2', '3', '4', '1']);
});

test('after a stop, the next start goes on where this one was, without a record lost or repeated', async () => {
  await writeMany('restart', 5);
  await vi.waitFor(() => expect(seen('restart')).toHaveLength(5), PATIENCE_MS);
  await settled();
  forget();
  await stop();
  await start();
  await writeMany('restarted', 3);
  await vi.waitFor(() => expect(seen('restarted')).toHaveLength(3), PATIENCE_MS);
  expect(seen('restart')).toEqual([]);
});

test('the engine killed under the host comes back, and the stream goes on', async () => {
  await writeMany('before', 2);
  const pid = stack.dynamodb.pid();
  process.kill(pid ?? 0, 'SIGKILL');
  await vi.waitFor(() => writeMany('after', 2), PATIENCE_MS);
  await vi.waitFor(() => expect([...seen('before'), ...seen('after')]).toHaveLength(4), PATIENCE_MS);
  expect(stack.dynamodb.pid()).not.toBe(pid);
});
