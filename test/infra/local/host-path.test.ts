import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { observed } from './fixtures/observed.ts';
import { credentials, type Stack, startStack, temporaryFolder } from './fixtures/stack.ts';

const folder = temporaryFolder();
let stack: Stack;
let client: DynamoDBClient;

beforeAll(async () => {
  stack = await startStack(folder.path, { minuteMs: 200 });
  client = new DynamoDBClient({ endpoint: stack.dynamodb.endpoint, region: 'us-east-1', credentials });
});
afterAll(async () => {
  client.destroy();
  await stack.close();
  folder.remove();
});

test('a request reaches the handler of its route, on both ports', async () => {
  for (const url of [stack.host.url, stack.host.innerUrl]) {
    const response = await fetch(`${url}/plain`);
    expect([response.status, await response.text()]).toEqual([200, 'just text']);
  }
});

test('a written item reaches the handlers of its stream', async () => {
  await client.send(
    new PutItemCommand({ TableName: stack.table, Item: { pk: { S: 'Job-1' }, sk: { S: '0000000001' } } }),
  );
  await vi.waitFor(() =>
    expect(observed.batches.react.flatMap(({ keys }) => keys)).toEqual(['Job-1/0000000001']),
  );
  await vi.waitFor(
    () => expect(observed.batches.publish.flatMap(({ keys }) => keys)).toEqual(['Job-1/0000000001']),
    3_000,
  );
});

test('a schedule fires by its rate', async () => {
  await vi.waitFor(() => expect(observed.schedules.length).toBeGreaterThan(1), 3_000);
  expect(observed.schedules[0]).toMatchObject({
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: '123456789012',
    resources: ['arn:aws:events:us-east-1:123456789012:rule/fixture-test-sync-rule-1'],
    detail: {},
  });
});

test('an event on a bus reaches the handler of a rule that it matches, and no other does', async () => {
  const detailType = 'EC2 Instance State-change Notification';
  stack.buses.emit({ source: 'aws.ec2', detailType, detail: { state: 'pending' } });
  stack.buses.emit({ source: 'aws.ec2', detailType, detail: { state: 'running' } });
  stack.buses.emit({ bus: 'fixture-bus', source: 'sortie.runs', detailType: 'x', detail: {} });
  await vi.waitFor(() => expect(observed.events).toHaveLength(2));
  expect(observed.events[0]).toMatchObject({ detail: { state: 'running' }, account: '123456789012' });
});
