import { createHash } from 'node:crypto';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MOST_INSTANCES } from '../../../domain/configuration/most-instances.ts';
import type { FleetEvent } from '../../../domain/fleet/events.ts';
import { Fleet } from '../../../domain/fleet/stream.ts';
import { instanceId, jobId, runId } from '../../../domain/kernel/ids.ts';
import { change, type Loaded } from '../../../domain/kernel/stream.ts';
import { verify } from '../../../domain/verify.ts';
import { dynamoEventStore } from '../../../infra/dynamodb/event-store.ts';
import { dynamoHeads } from '../../../infra/dynamodb/heads.ts';
import { offer } from '../../domain/given.ts';
import { type Engine, startEngine } from './engine.ts';
import { fleetCreated, provenance } from './given-streams.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine();
});
afterAll(() => engine.stop());

const T0 = Date.parse('2026-11-20T12:00:00Z');
/** As random as a ULID: what repeats would be compressed away. */
const id = (n: number): string => {
  const bytes = createHash('sha256').update(String(n)).digest().subarray(0, 16);
  return `01kahdv3q0${[...bytes].map((byte) => '0123456789abcdefghjkmnpqrstvwxyz'[byte % 32]).join('')}`;
};
const reserved = (n: number): FleetEvent => ({
  type: 'LaunchReserved',
  instance: instanceId(id(n)),
  job: jobId(runId(id(n + MOST_INSTANCES)), 0),
  submission: 0,
  offer: offer({ zone: `us-east-1${'abcdf'[n % 5]}`, price: 0.1 + (n % 20) / 100 }),
});

it('a fleet of as many instances as it may have takes less than half an item, and reads as it was folded', async () => {
  const table = await engine.newTable();
  const store = dynamoEventStore(engine.client, table);
  let fleet: Loaded<ReturnType<typeof Fleet.evolve>, FleetEvent> = await store.load(Fleet, 'many');
  for (let first = 0; first < MOST_INSTANCES; first += 100) {
    const launches = Array.from({ length: 100 }, (_, n) => reserved(first + n));
    const events = first === 0 ? [fleetCreated(), ...launches] : launches;
    await store.append([change(fleet, events, T0 + first)], provenance);
    fleet = await store.load(Fleet, 'many');
  }
  expect(fleet.state?.reservations).toHaveLength(MOST_INSTANCES);
  const { Item } = await engine.client.send(
    new GetCommand({ TableName: table, Key: { pk: 'Fleet-many', sk: 'head' } }),
  );
  expect(Item?.['state'].byteLength).toBeLessThan(200_000);
  const found = await verify(store, dynamoHeads(engine.client, table), 'main');
  expect(found).toEqual({ streams: 1, commits: 30, outdated: 0, mismatches: [] });
});
