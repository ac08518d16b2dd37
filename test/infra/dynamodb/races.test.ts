import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Fleet } from '../../../domain/fleet/stream.ts';
import { change } from '../../../domain/kernel/stream.ts';
import { transact } from '../../../domain/kernel/transact.ts';
import { dynamoEventStore } from '../../../infra/dynamodb/event-store.ts';
import { systemRuntime } from '../../../infra/runtime.ts';
import { startProxy } from '../proxy.ts';
import { clientOf, type Engine, startEngine } from './engine.ts';
import { createFleet, fleetLimit, provenance } from './given-streams.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine();
});
afterAll(() => engine.stop());

describe('transact', () => {
  it('fifty rivals on one stream all get through, and none overwrites another', async () => {
    const store = dynamoEventStore(engine.client, await engine.newTable());
    const on = { store, runtime: systemRuntime() };
    await createFleet(store, 'gpu', 1);
    await Promise.all(
      Array.from({ length: 50 }, () =>
        transact(on, provenance, async (read) => {
          const fleet = await read(Fleet, 'gpu');
          const more = (fleet.state?.limits.instances ?? 0) + 1;
          return { changes: [change(fleet, [fleetLimit(more)], on.runtime.now())], result: undefined };
        }),
      ),
    );
    const fleet = await store.load(Fleet, 'gpu');
    expect(fleet.version).toBe(51);
    expect(fleet.state?.limits.instances).toBe(70);
    const history = await store.history({ name: 'Fleet', id: 'gpu' }, 0, 100);
    expect(history.map(({ version }) => version)).toEqual(Array.from({ length: 51 }, (_, n) => n + 1));
  });
});

describe('a reply to an append that got lost', () => {
  it('is asked for again by the SDK under the same token, and is the same append', async () => {
    let lost = 0;
    const proxy = await startProxy(engine.endpoint, {
      loses: ({ headers }) => String(headers['x-amz-target']).endsWith('TransactWriteItems') && lost++ === 0,
    });
    const client = DynamoDBDocumentClient.from(clientOf(proxy.endpoint));
    const store = dynamoEventStore(client, await engine.newTable());

    const fleet = await store.load(Fleet, 'gpu');
    const created = change(fleet, [{ type: 'FleetCreated', project: 'main', limits: { instances: 2 } }], 1);
    expect(await store.append([created], provenance)).toBe('appended');
    expect(lost).toBeGreaterThan(1);
    expect((await store.load(Fleet, 'gpu')).version).toBe(1);

    client.destroy();
    await proxy.close();
  });
});
