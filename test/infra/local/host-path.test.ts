import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openLocalDatabase } from '../../../infra/local/database.ts';
import { createBuses } from '../../../infra/local/eventbridge/buses.ts';
import { startHost } from '../../../infra/local/host/host.ts';
import type { Service } from '../../../infra/local/host/service/deploy.ts';
import { openQueues } from '../../../infra/local/sqs/queues.ts';
import { PATIENCE_MS } from '../../patience.ts';
import { observed } from './fixtures/observed.ts';
import { credentials, fixtureService, type Stack, startStack, temporaryFolder } from './fixtures/stack.ts';

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
  await vi.waitFor(
    () => expect(observed.batches.react.flatMap(({ keys }) => keys)).toEqual(['Job-1/0000000001']),
    PATIENCE_MS,
  );
  await vi.waitFor(
    () => expect(observed.batches.publish.flatMap(({ keys }) => keys)).toEqual(['Job-1/0000000001']),
    PATIENCE_MS,
  );
});

test('a schedule fires by its rate', async () => {
  await vi.waitFor(() => expect(observed.schedules.length).toBeGreaterThan(1), PATIENCE_MS);
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
  await vi.waitFor(() => expect(observed.events).toHaveLength(2), PATIENCE_MS);
  expect(observed.events[0]).toMatchObject({ detail: { state: 'running' }, account: '123456789012' });
});

describe('the start fails, and says why,', () => {
  const other = temporaryFolder();
  const database = openLocalDatabase(other.path);
  afterAll(() => {
    database.close();
    other.remove();
  });
  const start = (service: Service, port: number) =>
    startHost({
      service,
      port,
      database,
      dataDir: other.path,
      queues: openQueues(database, []),
      buses: createBuses({ names: ['default', 'fixture-bus'], region: 'us-east-1', account: '1' }),
      endpoints: { DYNAMODB: stack.dynamodb.endpoint, SQS: 'http://127.0.0.1:1' },
      credentials,
    });

  test('when a function does not load', async () => {
    const service = fixtureService();
    const functions = { ...(service.document['functions'] as object), api: { handler: 'missing.handler' } };
    await expect(start({ ...service, document: { ...service.document, functions } }, 0)).rejects.toThrow(
      /functions\.api\.handler in .*serverless\.yml: there is no .*missing/,
    );
  });

  test('when its port is taken', async () => {
    const taken = Number(new URL(stack.host.url).port);
    await expect(start(fixtureService(), taken)).rejects.toThrow(`port ${taken} of 127.0.0.1 is in use`);
  });
});
