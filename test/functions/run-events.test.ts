import { describe, expect, it } from 'vitest';
import { EventList } from '../../domain/api/run.ts';
import type { RunId } from '../../domain/kernel/ids.ts';
import { inMemorySortie, type Sortie } from './in-memory-sortie.ts';
import { over, refuses, why } from './why-given.ts';

const eventsOf = async (sortie: Sortie, run: RunId) =>
  EventList.parse(await sortie.get(`/v1/runs/${run}/events`)).events;

describe('the events of a run', () => {
  it('leave out what a reused instance did for others', async () => {
    const sortie = inMemorySortie();
    const first = await over(sortie, await sortie.submit());
    const second = await over(sortie, await sortie.submit());
    expect(sortie.machines()).toHaveLength(1);
    const events = await eventsOf(sortie, second);
    expect(JSON.stringify(events)).not.toContain(first);
    const instance = events.filter(({ stream }) => stream.startsWith('Instance-'));
    expect(instance.map(({ type }) => type)).toEqual(['InstanceClaimed', 'InstanceReleased']);
  });

  it('have the instances whose launch was refused', async () => {
    const sortie = inMemorySortie();
    refuses(sortie, 'fatal', 'UnauthorizedOperation');
    const run = await over(sortie, await sortie.submit());
    const types = (await eventsOf(sortie, run)).map(({ type }) => type);
    expect(types).toEqual(expect.arrayContaining(['InstanceRequested', 'LaunchRefused']));
  });

  it('stand in the order of why, the end of the run last', async () => {
    const sortie = inMemorySortie();
    const run = await over(sortie, await sortie.submit());
    const events = await eventsOf(sortie, run);
    expect(events.at(-1)?.type).toBe('RunFinished');
    const { chain } = await why(sortie, run);
    const told = events.filter(({ type }) => type !== 'JobAdvanced').map(({ id }) => id);
    expect(told).toEqual(chain.map(({ event }) => event));
  });
});
