import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { awsJson } from '../../../infra/local/aws-json/serve.ts';
import { type BusEvent, createBuses } from '../../../infra/local/eventbridge/buses.ts';
import { eventBridgeService } from '../../../infra/local/eventbridge/service.ts';
import { compilePattern } from '../../../infra/local/host/event-pattern.ts';
import { type Listener, listen } from '../../../infra/local/listen.ts';
import { signedFetch } from './fixtures/signed-fetch.ts';
import { credentials } from './fixtures/stack.ts';

const buses = createBuses({ names: ['default', 'own'], region: 'us-east-1', account: '123456789012' });
const received: Record<'default' | 'own', BusEvent[]> = { default: [], own: [] };
for (const bus of ['default', 'own'] as const) {
  const pattern = compilePattern({ source: [{ prefix: 'test' }] }, 'eventbridge', 'pattern');
  buses.addRule({ bus, pattern, target: (event) => received[bus].push(event) });
}
let listener: Listener;
let client: EventBridgeClient;

beforeAll(async () => {
  listener = await listen(awsJson([eventBridgeService(buses)], credentials), 0);
  client = new EventBridgeClient({
    endpoint: listener.url,
    region: 'us-east-1',
    credentials,
    maxAttempts: 1,
  });
});
beforeEach(() => {
  received.default.length = 0;
  received.own.length = 0;
});
afterAll(async () => {
  client.destroy();
  await listener.close();
});

const put = (...Entries: PutEventsRequestEntry[]) => client.send(new PutEventsCommand({ Entries }));
const entry: PutEventsRequestEntry = { Source: 'test.runs', DetailType: 'Run', Detail: '{"run":"a"}' };

test('an event reaches the rules of its bus, in the shape of the bus', async () => {
  const arn = 'arn:aws:events:us-east-1:123456789012:event-bus/own';
  const Time = new Date('2026-11-20T12:00:00Z');
  const answer = await put({ ...entry, EventBusName: arn, Time, Resources: ['arn:x'] }, entry);
  expect(answer.FailedEntryCount).toBe(0);
  expect(received.default).toHaveLength(1);
  expect(received.own).toEqual([
    {
      version: '0',
      id: answer.Entries?.[0]?.EventId,
      'detail-type': 'Run',
      source: 'test.runs',
      account: '123456789012',
      time: '2026-11-20T12:00:00Z',
      region: 'us-east-1',
      resources: ['arn:x'],
      detail: { run: 'a' },
    },
  ]);
});

test('each bad entry is refused by itself, with the code of EventBridge', async () => {
  const answer = await put(
    { DetailType: 'Run', Detail: '{}' },
    { Source: 'test', Detail: '{}' },
    { Source: 'test', DetailType: 'Run' },
    { ...entry, Detail: 'not json' },
    { ...entry, Detail: '[1]' },
    { ...entry, Source: 'aws.ec2' },
    entry,
  );
  expect(answer.FailedEntryCount).toBe(6);
  expect(answer.Entries?.map(({ ErrorCode }) => ErrorCode ?? 'accepted')).toEqual([
    'InvalidArgument',
    'InvalidArgument',
    'InvalidArgument',
    'MalformedDetail',
    'MalformedDetail',
    'NotAuthorizedForSourceException',
    'accepted',
  ]);
  expect(answer.Entries?.[0]?.ErrorMessage).toBe(
    'Parameter Source is not valid. Reason: Source is a required argument.',
  );
  expect(received.default).toHaveLength(1);
});

test('more than ten entries are refused whole', async () => {
  const eleven = Array.from({ length: 11 }, () => entry);
  await expect(put(...eleven)).rejects.toMatchObject({
    name: 'ValidationException',
    $metadata: { httpStatusCode: 400 },
  });
  await expect(put()).rejects.toMatchObject({ name: 'ValidationException' });
  expect(received.default).toEqual([]);
});

test('entries of 1 MB pass, larger ones do not', async () => {
  const Detail = (bytes: number) => JSON.stringify({ text: 'x'.repeat(bytes) });
  expect((await put({ ...entry, Detail: Detail(1_000_000) })).FailedEntryCount).toBe(0);
  expect((await put({ ...entry, Detail: Detail(1_048_576) })).FailedEntryCount).toBe(1);
});

test('an unknown operation, and a body that is not JSON, are refused as AWS does', async () => {
  const call = async (target: string, body: string) => {
    const response = await signedFetch(listener.url, credentials, {
      method: 'POST',
      headers: { 'x-amz-target': target },
      body,
    });
    return [response.status, await response.json()];
  };
  expect(await call('AWSEvents.DoMagic', '{}')).toEqual([
    400,
    { __type: 'UnknownOperationException', message: '' },
  ]);
  expect(await call('AWSEvents.PutEvents', '{')).toMatchObject([400, { __type: 'SerializationException' }]);
});

test('a rule on a bus that does not exist is an error at the start', () => {
  expect(() => buses.addRule({ bus: 'missing', pattern: () => true, target: () => {} })).toThrow(
    /event bus missing/,
  );
});
