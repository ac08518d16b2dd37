import { expect, it } from 'vitest';
import { Fleet } from '../../domain/fleet/stream.ts';
import { FleetName } from '../../domain/kernel/ids.ts';
import { MINUTE } from '../../domain/kernel/instant.ts';
import { change } from '../../domain/kernel/stream.ts';
import { otherFleets } from '../../functions/react/other-fleets.ts';
import { FLEET, T0 } from '../domain/given.ts';
import { memoryEventStore } from '../fakes/memory-event-store.ts';
import { virtualClock } from './virtual-clock.ts';

async function given(...fleets: FleetName[]) {
  const store = memoryEventStore();
  const created = { type: 'FleetCreated' as const, project: 'main', limits: { instances: 3 } };
  for (const name of fleets)
    await store.append([change(await store.load(Fleet, name), [created], T0)], {
      by: 'test',
      causation: null,
      correlation: 'test',
    });
  const reads: string[] = [];
  const clock = virtualClock(T0, 1);
  const on = {
    store: {
      ...store,
      list: (...asked: Parameters<typeof store.list>) => {
        reads.push(asked[0]);
        return store.list(...asked);
      },
    },
    runtime: clock,
  };
  return { on, reads, clock };
}

it('a fleet that is alone looks for others once a minute', async () => {
  const { on, reads, clock } = await given(FLEET);
  for (let n = 0; n < 10; n++) expect(await otherFleets(on, FLEET)).toEqual([]);
  expect(reads).toHaveLength(1);
  clock.moveTo(T0 + MINUTE);
  await otherFleets(on, FLEET);
  expect(reads).toHaveLength(2);
});

it('one that is not reads each time what the others remember, but not what it remembers itself', async () => {
  const { on, reads } = await given(FLEET, FleetName.parse('other'));
  for (let n = 0; n < 3; n++)
    expect(await otherFleets(on, FLEET)).toEqual([
      { unavailable: [], types: [], zones: [], quotas: [], throttle: null, use: [] },
    ]);
  expect(reads).toHaveLength(3);
});
