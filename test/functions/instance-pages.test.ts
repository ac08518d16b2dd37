import { expect, it } from 'vitest';
import { InstanceList } from '../../domain/api/instance.ts';
import type { InstanceEvent } from '../../domain/instance/events.ts';
import { Instance } from '../../domain/instance/stream.ts';
import { FleetName } from '../../domain/kernel/ids.ts';
import { T0 } from '../domain/given.ts';
import { golden } from '../golden/golden-events.ts';
import { append, createFleet, ulid } from '../infra/dynamodb/given-streams.ts';
import { inMemorySortie, type Sortie } from './in-memory-sortie.ts';

const id = (n: number) => `i${ulid(n)}`;
const requested = (fleet: string): InstanceEvent => ({
  ...golden('InstanceRequested'),
  ...{ fleet: FleetName.parse(fleet), project: 'main' },
});

async function given(fleets: Readonly<Record<string, readonly number[]>>): Promise<Sortie> {
  const sortie = inMemorySortie();
  for (const [fleet, instances] of Object.entries(fleets)) {
    await createFleet(sortie.store, fleet, T0);
    for (const n of instances) await append(sortie.store, Instance, id(n), [requested(fleet)], T0);
  }
  return sortie;
}

async function pages(sortie: Sortie, limit: number) {
  const found: string[][] = [];
  let next: string | undefined;
  do {
    const query = new URLSearchParams({ limit: String(limit), ...(next && { cursor: next }) });
    const page = InstanceList.parse(await sortie.get(`/v1/instances?${query.toString()}`));
    found.push(page.instances.map((one) => one.id));
    next = page.next;
  } while (next !== undefined);
  return found;
}

it('instances that have not ended come page by page, fleet by fleet', async () => {
  const sortie = await given({ blue: [1, 4, 5], empty: [], red: [2, 3, 6] });
  const ended: InstanceEvent = { type: 'InstanceTerminated', reason: 'ended_by_operator' };
  await append(sortie.store, Instance, id(6), [ended], T0);
  expect(await pages(sortie, 2)).toEqual([[id(2), id(3)], [id(1), id(4)], [id(5)]]);
  expect(await pages(sortie, 200)).toEqual([[id(2), id(3), id(1), id(4), id(5)]]);
});

it('a cursor that no page ended with is refused', async () => {
  const sortie = inMemorySortie();
  for (const cursor of ['nonsense', 'blue:nonsense', `blue:${id(1)}:more`])
    expect(await sortie.get(`/v1/instances?cursor=${cursor}`)).toMatchObject({
      type: 'urn:sortie:problem:bad-cursor',
    });
});

it('of hundreds of fleets none is left out', async () => {
  const fleets = Array.from({ length: 230 }, (_, n) => [`fleet-${n}`, [n]] as const);
  const sortie = await given(Object.fromEntries(fleets));
  expect(new Set((await pages(sortie, 100)).flat()).size).toBe(230);
});
