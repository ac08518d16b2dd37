import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Fleet } from '../../../domain/fleet/stream.ts';
import { change } from '../../../domain/kernel/stream.ts';
import { transact } from '../../../domain/kernel/transact.ts';
import { dynamoEventStore } from '../../../infra/dynamodb/event-store.ts';
import { systemRuntime } from '../../../infra/runtime.ts';
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
    const proxy = await losingFirstReply(engine.endpoint, 'TransactWriteItems');
    const client = DynamoDBDocumentClient.from(clientOf(proxy.endpoint));
    const store = dynamoEventStore(client, await engine.newTable());

    const fleet = await store.load(Fleet, 'gpu');
    const created = change(fleet, [{ type: 'FleetCreated', project: 'main', limits: { instances: 2 } }], 1);
    expect(await store.append([created], provenance)).toBe('appended');
    expect(proxy.lost()).toBe(1);
    expect((await store.load(Fleet, 'gpu')).version).toBe(1);

    client.destroy();
    await proxy.close();
  });
});

/** Passes everything on, and hangs up instead of handing back the first answer to one operation. */
async function losingFirstReply(endpoint: string, operation: string) {
  let lost = 0;
  const server = createServer((incoming, outgoing) => {
    const { method, url, headers } = incoming;
    const onward = request(new URL(url ?? '/', endpoint), { method, headers }, (answer) => {
      if (lost === 0 && String(headers['x-amz-target']).endsWith(operation)) {
        lost++;
        answer.resume().on('end', () => incoming.socket.destroy());
        return;
      }
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lost: () => lost,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
