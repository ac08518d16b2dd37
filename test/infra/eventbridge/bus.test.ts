import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Commit } from '../../../domain/kernel/stream.ts';
import { eventBridgeBus } from '../../../infra/eventbridge/bus.ts';
import { awsJson } from '../../../infra/local/aws-json/serve.ts';
import { type BusEvent, createBuses } from '../../../infra/local/eventbridge/buses.ts';
import { eventBridgeService } from '../../../infra/local/eventbridge/service.ts';
import { compilePattern } from '../../../infra/local/host/event-pattern.ts';
import { type Listener, listen } from '../../../infra/local/listen.ts';
import { golden } from '../../golden/golden-events.ts';
import { credentials } from '../local/fixtures/stack.ts';
import { type Proxy, startProxy } from '../proxy.ts';

const received: BusEvent[] = [];
const calls: number[] = [];
let listener: Listener;
let proxy: Proxy;
beforeAll(async () => {
  const buses = createBuses({ names: ['default', 'sortie'], region: 'us-east-1', account: '000000000000' });
  const pattern = compilePattern({ source: ['sortie'] }, 'eventbridge', 'pattern');
  buses.addRule({ bus: 'sortie', pattern, target: (event) => received.push(event) });
  listener = await listen(awsJson([eventBridgeService(buses)], credentials), 0);
  proxy = await startProxy(listener.url, {
    signs: credentials,
    rewrite: ({ body }) => {
      const { Entries } = JSON.parse(body) as { Entries: { Detail: string }[] };
      calls.push(Entries.length);
      // The bus refuses what is no JSON: an entry that asks for it is damaged on its way.
      return JSON.stringify({
        Entries: Entries.map((entry) =>
          entry.Detail.includes('damage me') ? { ...entry, Detail: '{' } : entry,
        ),
      });
    },
  });
});
beforeEach(() => {
  received.length = 0;
  calls.length = 0;
});
afterAll(async () => {
  await proxy.close();
  await listener.close();
});

const bus = () =>
  eventBridgeBus({ region: 'us-east-1', bus: 'sortie' }, { endpoint: proxy.endpoint, credentials });

const commit = (version: number, events: Commit['events'], by = 'user:alice'): Commit => ({
  stream: { name: 'Fleet', id: 'default' },
  version,
  at: 1_794_950_400_123,
  by,
  causation: null,
  correlation: 'a-run',
  events,
});
const limits = golden('FleetLimitsChanged');

describe('publishing', () => {
  it('tells each event in the envelope of docs/events.md, with the same id each time', async () => {
    await bus().publish([commit(3, [golden('FleetCreated'), limits])]);
    expect(received.map((event) => [event['detail-type'], event.time])).toEqual([
      ['FleetCreated', '2026-11-17T21:20:00Z'],
      ['FleetLimitsChanged', '2026-11-17T21:20:00Z'],
    ]);
    expect(received[1]?.detail).toEqual({
      event_id: 'Fleet-default/3/1',
      stream: 'Fleet',
      id: 'default',
      version: 3,
      at: '2026-11-17T21:20:00.123Z',
      by: 'user:alice',
      causation: null,
      correlation: 'a-run',
      event: limits,
    });
  });

  it('keeps the nonce of an instance to itself', async () => {
    const requested = golden('InstanceRequested');
    const stream = { name: 'Instance', id: 'i01j0000000000000000000nst1' } as const;
    await bus().publish([{ ...commit(1, [requested]), stream }]);
    const { nonce, ...others } = requested;
    expect(received[0]?.detail).toMatchObject({ event: others });
    expect(JSON.stringify(received)).not.toContain(nonce);
  });

  it('ten events go together, in their order', async () => {
    await bus().publish(Array.from({ length: 23 }, (_, n) => commit(n + 1, [limits])));
    expect(calls).toEqual([10, 10, 3]);
    expect(received.map(({ detail }) => (detail as { version: number }).version)).toEqual(
      Array.from({ length: 23 }, (_, n) => n + 1),
    );
  });

  it('large events go in calls of their own size', async () => {
    const large = (version: number, kb: number) => commit(version, [limits], 'x'.repeat(kb * 1024));
    await bus().publish([large(1, 100), large(2, 100), large(3, 100), large(4, 380), large(5, 1)]);
    expect(calls).toEqual([2, 1, 1, 1]);
    expect(received).toHaveLength(5);
  });

  it('nothing to tell is no call', async () => {
    await bus().publish([]);
    expect(calls).toEqual([]);
  });

  it('a refused event is thrown, with how many and why; the others were told', async () => {
    const commits = [1, 2, 3, 4].map((version) => commit(version, [limits], version % 2 ? 'x' : 'damage me'));
    await expect(bus().publish(commits)).rejects.toThrow(
      'the bus sortie refused 2 of 4 events; first MalformedDetail',
    );
    expect(received).toHaveLength(2);
  });
});
