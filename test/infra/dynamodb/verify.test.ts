import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { submit } from '../../../domain/coordination/submit.ts';
import { Fleet } from '../../../domain/fleet/stream.ts';
import { Instance } from '../../../domain/instance/stream.ts';
import { Job } from '../../../domain/job/stream.ts';
import type { EventStore } from '../../../domain/kernel/event-store.ts';
import { FleetName, InstanceId, jobId, runId } from '../../../domain/kernel/ids.ts';
import { type Heads, verify } from '../../../domain/verify.ts';
import { dynamoEventStore } from '../../../infra/dynamodb/event-store.ts';
import { dynamoHeads } from '../../../infra/dynamodb/heads.ts';
import { systemRuntime } from '../../../infra/runtime.ts';
import { memoryEventStore } from '../../fakes/memory-event-store.ts';
import { golden } from '../../golden/golden-events.ts';
import { type Engine, startEngine } from './engine.ts';
import { append, createFleet, provenance, ulid } from './given-streams.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine();
});
afterAll(() => engine.stop());

const run = runId(ulid(1));
const instance = InstanceId.parse(`i${ulid(2)}`);

/** A run with its job on an instance, as submitting and assigning leave it; 103 commits in the fleet. */
async function populate(store: EventStore) {
  const { type: _, name, configuration, ...rest } = golden('RunSubmitted');
  const fleet = FleetName.parse('default');
  // Its keys in another order than the schema's, as any caller may have them.
  await submit({ store, runtime: systemRuntime() }, provenance, {
    configuration: { ...configuration, nodes: 1, groups: null },
    name,
    ...rest,
    id: run,
    fleet,
  });
  await append(store, Job, jobId(run, 0), [{ ...golden('SubmissionAssigned'), instance }], 5);
  await append(store, Instance, instance, [golden('InstanceRequested')], 5);
  await createFleet(store, 'default', 5);
  for (let n = 1; n <= 102; n++)
    await append(store, Fleet, 'default', [{ type: 'FleetLimitsChanged', limits: { instances: n } }], 5 + n);
  await store.remind({ name: 'Job', id: jobId(run, 0) }, 99);
}

const stores: Record<string, () => Promise<{ store: EventStore; heads: Heads; table: string }>> = {
  memory: async () => {
    const store = memoryEventStore();
    return { store, heads: store, table: '' };
  },
  DynamoDB: async () => {
    const table = await engine.newTable();
    return { store: dynamoEventStore(engine.client, table), heads: dynamoHeads(engine.client, table), table };
  },
};

describe.each(Object.keys(stores))('verify on %s', (kind) => {
  it('finds every stream of a project to be what its commits say, byte for byte', async () => {
    const given = await stores[kind]?.();
    if (given === undefined) throw new Error(kind);
    await populate(given.store);
    const seen: number[] = [];
    const verified = await verify(given.store, given.heads, 'main', (streams) => seen.push(streams));
    expect(verified).toEqual({ streams: 4, commits: 107, outdated: 0, mismatches: [] });
    expect(seen).toEqual([1, 2, 3, 4]);
  });
});

describe('verify on a damaged table', () => {
  it('names the streams whose head is not what the commits say, and how they differ', async () => {
    const { store, heads, table } = (await stores['DynamoDB']?.()) ?? {};
    if (store === undefined || heads === undefined || table === undefined) throw new Error('no table');
    await populate(store);
    const head = await heads.head({ name: 'Run', id: run });
    const state = JSON.stringify(head?.state).replace('brisk-otter-17', 'brisk-otter-18');
    await engine.client.send(
      new PutCommand({
        TableName: table,
        Item: {
          pk: `Run-${run}`,
          sk: 'head',
          version: 1,
          shape: head?.shape,
          state,
          view: JSON.stringify({ shape: head?.shape, view: head?.view }),
          list_pk: 'runs#main',
          list_sk: head?.list?.sort,
          due_pk: 'due#0',
          due: 7,
        },
      }),
    );
    await engine.client.send(
      new PutCommand({
        TableName: table,
        Item: { pk: 'Fleet-default', sk: '0000000105', at: 1, ...provenance, events: '[]' },
      }),
    );
    const { mismatches } = await verify(store, heads, 'main');
    expect(mismatches.map(({ stream, part }) => `${stream} ${part}`)).toEqual([
      'Fleet-default commits',
      `Run-${run} state`,
      `Run-${run} work`,
      `Run-${run} due`,
    ]);
    expect(mismatches[1]?.stored).toContain('brisk-otter-18');
    expect(mismatches[1]?.expected).toContain('brisk-otter-17');
  });
});
