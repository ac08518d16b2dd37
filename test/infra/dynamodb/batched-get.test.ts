import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { batchedGet } from '../../../infra/dynamodb/batched-get.ts';
import { clientOf, type Engine, startEngine } from './engine.ts';

type Keys = { Keys?: unknown[] };
type Answered = { UnprocessedKeys?: Record<string, Keys>; Responses?: Record<string, unknown[]> };

let engine: Engine;
let table: string;
beforeAll(async () => {
  engine = await startEngine();
  table = await engine.newTable();
});
afterAll(() => engine.stop());

const key = (n: number) => ({ pk: `Run-${n}`, sk: 'head' });
const write = (n: number) => engine.client.send(new PutCommand({ TableName: table, Item: { ...key(n), n } }));

/** A client of its own: how many keys each of its requests had, and so many requests of which only the first key is answered. */
function counted(starved = 0) {
  const raw = clientOf(engine.endpoint);
  const requests: number[] = [];
  raw.middlewareStack.add(
    (next) => async (args) => {
      const { RequestItems = {} } = args.input as { RequestItems?: Record<string, Keys> };
      const keys = RequestItems[table]?.Keys ?? [];
      requests.push(keys.length);
      if (requests.length > starved) return next(args);
      const [first, ...left] = keys;
      const input = { RequestItems: { [table]: { ...RequestItems[table], Keys: [first] } } };
      const result = await next({ ...args, input: input as typeof args.input });
      (result.output as Answered).UnprocessedKeys = { [table]: { Keys: left } };
      return result;
    },
    { step: 'initialize' },
  );
  return { get: batchedGet(DynamoDBDocumentClient.from(raw), table), requests, end: () => raw.destroy() };
}

it('asks once for all that is asked for in one turn, each answered with its own', async () => {
  await Promise.all([write(1), write(2)]);
  const { get, requests, end } = counted();
  const found = await Promise.all([get(key(2)), get(key(1)), get(key(404)), get(key(2))]);
  expect(found.map((item) => item?.['n'])).toEqual([2, 1, undefined, 2]);
  expect(requests).toEqual([3]);
  end();
});

it('keeps nothing: who asks again reads again', async () => {
  const { get, requests, end } = counted();
  expect(await get(key(3))).toBeUndefined();
  await write(3);
  expect(await get(key(3))).toMatchObject({ n: 3 });
  expect(requests).toEqual([1, 1]);
  end();
});

it('asks for no more at once than DynamoDB answers', async () => {
  const { get, requests, end } = counted();
  await Promise.all(Array.from({ length: 120 }, (_, n) => get(key(n + 1_000))));
  expect(requests).toEqual([100, 20]);
  end();
});

it('comes back for the keys that DynamoDB left', async () => {
  await Promise.all([write(1), write(2), write(3)]);
  const { get, requests, end } = counted(2);
  const found = await Promise.all([1, 2, 3].map((n) => get(key(n))));
  expect(found.map((item) => item?.['n'])).toEqual([1, 2, 3]);
  expect(requests).toEqual([3, 2, 1]);
  end();
});

it('throws for all that are waiting when DynamoDB cannot be asked', async () => {
  const raw = clientOf('http://127.0.0.1:1');
  const get = batchedGet(DynamoDBDocumentClient.from(raw), table);
  const both = await Promise.allSettled([get(key(1)), get(key(2))]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  raw.destroy();
});
