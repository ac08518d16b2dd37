import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../../infra/local/host/functions/invoke.ts';
import { type GivenUp, processBatch } from '../../../infra/local/host/streams/batch.ts';
import type { StreamRecord } from '../../../infra/local/host/streams/streams-api.ts';

const record = (number: number, createdAt = 1_000): StreamRecord => ({
  eventID: String(number),
  eventName: 'INSERT',
  dynamodb: {
    Keys: { pk: { S: 'k' } },
    SequenceNumber: String(number),
    ApproximateCreationDateTime: createdAt,
  },
});
const numbers = (records: readonly StreamRecord[]) =>
  records.map(({ dynamodb }) => Number(dynamodb.SequenceNumber));

const returned = (payload: unknown): Outcome => ({ kind: 'returned', requestId: 'r', payload });
const failed: Outcome = {
  kind: 'failed',
  requestId: 'r',
  error: { errorType: 'E', errorMessage: '', trace: [] },
};
const failures = (...ids: number[]) =>
  returned({ batchItemFailures: ids.map((id) => ({ itemIdentifier: String(id) })) });

type Settings = Parameters<typeof processBatch>[1];
const settings = (more: Partial<Settings>): Settings => ({
  retries: 2,
  maximumRecordAgeSeconds: -1,
  onError: 'retry-whole',
  response: 'ReportBatchItemFailures',
  ...more,
});

/** Runs a batch of records 1…size against a handler that is given the numbers and the count of invocations so far. */
async function run(
  size: number,
  chosen: Settings,
  handler: (batch: number[], invocation: number) => Outcome,
) {
  const seen: { invocations: number[][]; done: number[]; letters: GivenUp[]; waits: number[] } = {
    invocations: [],
    done: [],
    letters: [],
    waits: [],
  };
  await processBatch(
    Array.from({ length: size }, (_, at) => record(at + 1)),
    chosen,
    {
      invoke: async (records) => {
        seen.invocations.push(numbers(records));
        return handler(numbers(records), seen.invocations.length);
      },
      done: (records) => seen.done.push(...numbers(records)),
      giveUp: (letter) => seen.letters.push(letter),
      backOff: async (retry) => void seen.waits.push(retry),
      now: () => 1_000_000,
    },
    new AbortController().signal,
  );
  return seen;
}

describe('a batch whose handler', () => {
  test.each([null, {}, { batchItemFailures: [] }, { batchItemFailures: null }])(
    'answers %j is done',
    async (answer) => {
      const { invocations, done } = await run(3, settings({}), () => returned(answer));
      expect([invocations, done]).toEqual([[[1, 2, 3]], [1, 2, 3]]);
    },
  );

  test('reports failures goes on from the lowest of them; what is before it is done', async () => {
    const answers = [failures(4, 2), failures(3), returned(null)];
    const { invocations, done } = await run(4, settings({}), (_, time) => answers[time - 1] ?? failed);
    expect(invocations).toEqual([
      [1, 2, 3, 4],
      [2, 3, 4],
      [3, 4],
    ]);
    expect(done).toEqual([1, 2, 3, 4]);
  });

  test.each([
    [failures(99)],
    [returned({ batchItemFailures: [{ itemIdentifier: '' }] })],
    [returned({ batchItemFailures: [{ other: '1' }] })],
    [returned('nonsense')],
  ])('names no record of the batch has failed whole: %j', async (answer) => {
    const { invocations } = await run(2, settings({}), (_, time) => (time === 1 ? answer : returned(null)));
    expect(invocations).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });

  test('reports failures without being asked for a report is done', async () => {
    const { invocations } = await run(2, settings({ response: 'whole-batch' }), () => failures(1));
    expect(invocations).toHaveLength(1);
  });

  test('throws is tried again after longer and longer waits, and then given up whole', async () => {
    const { invocations, done, letters, waits } = await run(2, settings({}), () => failed);
    expect(invocations).toEqual([
      [1, 2],
      [1, 2],
      [1, 2],
    ]);
    expect([waits, done]).toEqual([
      [1, 2],
      [1, 2],
    ]);
    expect(letters).toMatchObject([{ condition: 'RetryAttemptsExhausted', invocations: 3, requestId: 'r' }]);
  });

  test('throws, with retries for ever, is tried until it does not', async () => {
    const { invocations, letters } = await run(1, settings({ retries: -1 }), (_, time) =>
      time < 50 ? failed : returned(null),
    );
    expect([invocations.length, letters]).toEqual([50, []]);
  });

  test('is throttled uses up no retry', async () => {
    const { letters, done } = await run(1, settings({ retries: 0 }), (_, time) =>
      time < 9 ? { kind: 'throttled' } : returned(null),
    );
    expect([letters, done]).toEqual([[], [1]]);
  });
});

describe('bisecting', () => {
  test('finds the one bad record, gives up that one alone, and splitting is no retry', async () => {
    const bad = (batch: number[]) => (batch.includes(3) ? failed : returned(null));
    const { invocations, letters, done } = await run(4, settings({ onError: 'bisect', retries: 1 }), bad);
    expect(invocations).toEqual([[1, 2, 3, 4], [1, 2], [3, 4], [3], [3], [4]]);
    expect(letters.map(({ records }) => numbers(records))).toEqual([[3]]);
    expect(done).toEqual([1, 2, 3, 4]);
  });

  test('splits at the reported record first', async () => {
    const answer = (batch: number[]) => (batch.includes(3) ? failures(3) : returned(null));
    const { invocations, letters } = await run(5, settings({ onError: 'bisect', retries: 0 }), answer);
    expect(invocations).toEqual([[1, 2, 3, 4, 5], [3, 4, 5], [3, 4], [3], [4], [5]]);
    expect(letters.map(({ records }) => numbers(records))).toEqual([[3]]);
  });
});

test('records past their age are given up without being tried', async () => {
  const seen: unknown[] = [];
  const letters: GivenUp[] = [];
  await processBatch(
    [record(1, 10), record(2, 100)],
    settings({ maximumRecordAgeSeconds: 60 }),
    {
      invoke: async (records) => {
        seen.push(numbers(records));
        return returned(null);
      },
      done: () => {},
      giveUp: (letter) => letters.push(letter),
      backOff: async () => {},
      now: () => 110_000,
    },
    new AbortController().signal,
  );
  expect([seen, letters[0]?.condition]).toEqual([[[2]], 'RecordAgeExceeded']);
});

test('whatever a handler does, every record is done once, in order, and tried at least once', async () => {
  const handlers = fc.func(fc.constantFrom('ok', 'throw', 'first', 'last'));
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 0, max: 3 }),
      fc.constantFrom<Settings['onError']>('bisect', 'retry-whole'),
      handlers,
      async (size, retries, onError, decide) => {
        const seen = await run(size, settings({ retries, onError }), (batch, time) => {
          const choice = decide(time);
          if (choice === 'ok') return returned(null);
          if (choice === 'throw') return failed;
          return failures((choice === 'first' ? batch[0] : batch.at(-1)) ?? 0);
        });
        const all = Array.from({ length: size }, (_, at) => at + 1);
        expect(seen.done).toEqual(all);
        expect(new Set(seen.invocations.flat())).toEqual(new Set(all));
      },
    ),
  );
});
