import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Fleet, fleetList } from '../../../domain/fleet/stream.ts';
import { Job, queueOf } from '../../../domain/job/stream.ts';
import type { EventStore } from '../../../domain/kernel/event-store.ts';
import { jobId, runId } from '../../../domain/kernel/ids.ts';
import { verify } from '../../../domain/verify.ts';
import { dynamoEventStore } from '../../../infra/dynamodb/event-store.ts';
import { dynamoHeads } from '../../../infra/dynamodb/heads.ts';
import { type Engine, startEngine } from './engine.ts';
import { append, createFleet, fleetLimit, queueJob, submitRun, ulid } from './given-streams.ts';

let engine: Engine;
let store: EventStore;
let table: string;
beforeAll(async () => {
  engine = await startEngine();
});
beforeEach(async () => {
  table = await engine.newTable();
  store = dynamoEventStore(engine.client, table);
});
afterAll(() => engine.stop());

/** Leaves a head as a version wrote it that knew neither shapes nor most of what there is today. */
const age = (pk: string) =>
  engine.client.send(
    new UpdateCommand({
      TableName: table,
      Key: { pk, sk: 'head' },
      UpdateExpression: 'SET #state = :old, #view = :old REMOVE shape',
      ExpressionAttributeNames: { '#state': 'state', '#view': 'view' },
      ExpressionAttributeValues: { ':old': '{"project":"main"}' },
    }),
  );

describe('a head that another version wrote', () => {
  it('is what its commits say in this one, loaded or listed', async () => {
    await createFleet(store, 'gpu', 5);
    await append(store, Fleet, 'gpu', [fleetLimit(3)], 6);
    const [before, list] = [await store.load(Fleet, 'gpu'), await store.list(fleetList('main'), 10)];
    await age('Fleet-gpu');
    expect(await store.load(Fleet, 'gpu')).toEqual(before);
    expect(await store.list(fleetList('main'), 10)).toEqual(list);
  });

  it('is what its commits say as work, too', async () => {
    await queueJob(store, 1, 5);
    const key = queueOf((await store.load(Job, jobId(runId(ulid(1)), 0))).state?.fleet ?? '');
    const before = await store.work(Job, key, 10);
    expect(before).toHaveLength(1);
    await age(`Job-${runId(ulid(1))}-0`);
    expect(await store.work(Job, key, 10)).toEqual(before);
  });

  it('is written anew with the next commit', async () => {
    await createFleet(store, 'gpu', 5);
    await age('Fleet-gpu');
    expect(await append(store, Fleet, 'gpu', [fleetLimit(9)], 6)).toBe('appended');
    const heads = dynamoHeads(engine.client, table);
    expect(await heads.head({ name: 'Fleet', id: 'gpu' })).toMatchObject({
      shape: Fleet.shape,
      version: 2,
      state: { limits: { instances: 9 } },
    });
  });

  it.each([
    ['text that is no JSON', 'packed:v2:eJyrVkrOT0lVsgIA'],
    ['bytes that are packed in another way', new Uint8Array([0x28, 0xb5, 0x2f, 0xfd, 1, 2, 3])],
    ['another attribute', { map: true }],
  ])('in %s is folded anew as well, loaded or listed or as work', async (_, unreadable) => {
    await createFleet(store, 'gpu', 5);
    await queueJob(store, 1, 5);
    const id = jobId(runId(ulid(1)), 0);
    const key = queueOf((await store.load(Job, id)).state?.fleet ?? '');
    const read = async () => [
      ...[await store.load(Fleet, 'gpu'), await store.list(fleetList('main'), 10)],
      ...[await store.load(Job, id), await store.work(Job, key, 10)],
    ];
    const before = await read();
    for (const pk of ['Fleet-gpu', `Job-${id}`])
      await engine.client.send(
        new UpdateCommand({
          TableName: table,
          Key: { pk, sk: 'head' },
          UpdateExpression: 'SET #state = :other, #view = :other',
          ExpressionAttributeNames: { '#state': 'state', '#view': 'view' },
          ExpressionAttributeValues: { ':other': unreadable },
        }),
      );
    expect(await read()).toEqual(before);
    const heads = dynamoHeads(engine.client, table);
    // Of this version's own shape it is not outdated: something is wrong with it.
    expect((await verify(store, heads, 'main')).mismatches).toContainEqual(
      expect.objectContaining({ stream: 'Fleet-gpu', part: 'state', stored: 'nothing' }),
    );
    expect(await append(store, Fleet, 'gpu', [fleetLimit(9)], 6)).toBe('appended');
    expect(await heads.head({ name: 'Fleet', id: 'gpu' })).toMatchObject({
      state: { limits: { instances: 9 } },
    });
  });

  it('is no mismatch: verify counts it', async () => {
    await createFleet(store, 'gpu', 5);
    await submitRun(store, 1, 5);
    await age('Fleet-gpu');
    const found = await verify(store, dynamoHeads(engine.client, table), 'main');
    expect(found).toEqual({ streams: 3, commits: 3, outdated: 1, mismatches: [] });
  });
});
