import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { PATIENCE_MS } from '../../patience.ts';
import { forget, observed } from './fixtures/observed.ts';
import { type Stack, startStack, temporaryFolder } from './fixtures/stack.ts';

const folder = temporaryFolder();
let stack: Stack;
/** A minute that lasts 100 ms: retries come after 100 and 200. */
const start = async () => {
  stack = await startStack(folder.path, { minuteMs: 100 });
};
beforeAll(start);
afterAll(async () => {
  await stack.close();
  folder.remove();
});
afterEach(forget);

const runEvent = (detail: unknown) =>
  stack.buses.emit({ bus: 'fixture-bus', source: 'sortie.x', detailType: 't', detail });
const fail = () => {
  throw new TypeError('not today');
};
const left = () => stack.database.prepare('SELECT COUNT(*) AS count FROM invocations').get()?.['count'];

test('an event whose function fails comes twice more, a minute and two minutes later', async () => {
  const times: number[] = [];
  observed.observe = () => {
    times.push(performance.now());
    return times.length < 3 ? fail() : null;
  };
  runEvent({ n: 1 });
  await vi.waitFor(() => expect(left()).toBe(0), PATIENCE_MS);
  expect(observed.events).toHaveLength(3);
  expect(new Set(observed.events.map((event) => JSON.stringify(event))).size).toBe(1);
  const [first = 0, second = 0, third = 0] = times;
  // A timer of Node's may be early by less than one.
  expect(second - first).toBeGreaterThan(99);
  expect(third - second).toBeGreaterThan(199);
  expect(stack.queues.counts('fixture-test-dead-letters')).toEqual({ visible: 0, inFlight: 0 });
});

test('after the third failure it goes to the on-failure destination and to the dead-letter queue', async () => {
  observed.observe = fail;
  runEvent({ n: 2 });
  await vi.waitFor(
    () => expect(stack.queues.counts('fixture-test-dead-letters')?.visible).toBe(2),
    PATIENCE_MS,
  );
  const [destination, deadLetter] = stack.queues.receive('fixture-test-dead-letters', 10, 60_000) ?? [];
  expect(JSON.parse(destination?.body ?? '')).toMatchObject({
    version: '1.0',
    requestContext: {
      functionArn: 'arn:aws:lambda:us-east-1:123456789012:function:fixture-test-observe:$LATEST',
      condition: 'RetriesExhausted',
      approximateInvokeCount: 3,
    },
    requestPayload: { detail: { n: 2 } },
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    responsePayload: { errorType: 'TypeError', errorMessage: 'not today' },
  });
  expect(JSON.parse(deadLetter?.body ?? '')).toMatchObject({ detail: { n: 2 } });
  expect(deadLetter?.attributes).toMatchObject({ ErrorMessage: 'not today', RequestID: expect.any(String) });
  await vi.waitFor(() => expect(left()).toBe(0), PATIENCE_MS);
});

test('an event that waits for its retry when the host stops is taken up by the next start', async () => {
  observed.observe = fail;
  runEvent({ n: 3 });
  await vi.waitFor(() => expect(observed.events).toHaveLength(1), PATIENCE_MS);
  await stack.close();
  forget();
  await start();
  await vi.waitFor(() => expect(observed.events).toMatchObject([{ detail: { n: 3 } }]), PATIENCE_MS);
  await vi.waitFor(() => expect(left()).toBe(0), PATIENCE_MS);
});

test('a schedule can be fired by hand, with the input that it states', async () => {
  expect(stack.host.fire('sync')).toBe(true);
  await vi.waitFor(() => expect(observed.schedules).toContainEqual({ hourly: true }), PATIENCE_MS);
  expect(stack.host.fire('api')).toBe(false);
});
