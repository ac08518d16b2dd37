import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Job } from '../../../domain/job/stream.ts';
import { change } from '../../../domain/kernel/stream.ts';
import { dynamoEventStore } from '../../../infra/dynamodb/event-store.ts';
import { commitSort, readCommit, readObserved } from '../../../infra/dynamodb/items.ts';
import { bundle, INSTANCE, JOB, offer, spec, T0 } from '../../domain/given.ts';
import { type Engine, startEngine } from './engine.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine();
});
afterAll(() => engine.stop());

test('a commit carries what it has for the metrics, and nothing where it has nothing', async () => {
  const table = await engine.newTable();
  const store = dynamoEventStore(engine.client, table);
  const provenance = { by: 'test', causation: null, correlation: 'test' };
  const assigned = { submission: 0, instance: INSTANCE, offer: offer(), bundle };
  const decisions = [
    { type: 'JobQueued', spec: spec() },
    { type: 'SubmissionAssigned', ...assigned },
    { type: 'SubmissionStarted', submission: 0, at: T0 },
  ] as const;
  for (const [n, event] of decisions.entries())
    await store.append([change(await store.load(Job, JOB), [event], T0 + n * 10_000)], provenance);

  const items = await Promise.all(
    [1, 2, 3].map(async (version) => {
      const Key = { pk: `Job-${JOB}`, sk: commitSort(version) };
      const { Item = {} } = await engine.client.send(new GetCommand({ TableName: table, Key }));
      return Item;
    }),
  );
  expect(items.map(readObserved)).toEqual([
    undefined,
    undefined,
    {
      project: 'main',
      observations: [{ of: 'duration', duration: 'time_from_queue_to_start', seconds: 20 }],
    },
  ]);
  expect(items.map((item) => readCommit(item).events[0]?.type)).toEqual(decisions.map(({ type }) => type));
});
