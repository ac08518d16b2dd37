import { describe, expect, it } from 'vitest';
import { moveToFleet } from '../../domain/coordination/move-to-fleet.ts';
import { FleetName, jobId, type RunId } from '../../domain/kernel/ids.ts';
import { MINUTE } from '../../domain/kernel/instant.ts';
import { placeJobs } from '../../functions/react/place-jobs.ts';
import { catalogueOf, type } from '../domain/planning/given.ts';
import { inMemorySortie, type Sortie } from './in-memory-sortie.ts';
import { expectSound, finished } from './invariants.ts';

const fleets = ['first', 'other'];
const FIRST = FleetName.parse('first');
const cheapAndDear = catalogueOf(type('m5.xlarge'), type('m6i.xlarge', { onDemandPrice: 1.1 }));

/** Two fleets as these fields have them. */
async function twoFleets(
  first: Record<string, unknown> = {},
  other: Record<string, unknown> = {},
  given: Parameters<typeof inMemorySortie>[0] = {},
) {
  const sortie = inMemorySortie({ catalogue: cheapAndDear, ...given });
  await sortie.apply({ name: 'first', ...first });
  await sortie.apply({ name: 'other', ...other });
  return { sortie };
}

/** Each has its only instance busy for so many seconds. */
async function bothFull(commands: number) {
  const { sortie } = await twoFleets({ nodes: '0..1' }, { nodes: '0..1' }, { behaviour: { commands } });
  const busy = [
    await sortie.submit({ fleets: ['first'] }),
    await sortie.submit({ fleets: ['other'] }),
  ] as const;
  await sortie.until('both run', async () =>
    (await Promise.all(busy.map((run) => sortie.job(run)))).every(({ phase }) => phase.kind === 'running'),
  );
  return { sortie, busy };
}

const move = (sortie: Sortie, run: RunId, from: string, to: string) =>
  moveToFleet(sortie.on, { by: 'a test', causation: null, correlation: run }, run, {
    ...{ from: FleetName.parse(from), to: FleetName.parse(to), message: 'a test' },
  });

const fleetOf = async (sortie: Sortie, run: RunId) => {
  const [{ fleet }, job] = await Promise.all([sortie.run(run), sortie.job(run)]);
  expect(job.fleet).toBe(fleet);
  return fleet;
};

describe('a run that names several fleets is submitted to', () => {
  it('the one where an instance stands idle that fits', async () => {
    const { sortie } = await twoFleets({}, { idle_duration: '1h' });
    await sortie.until('done', finished(sortie, await sortie.submit({ fleets: ['other'] })));
    const run = await sortie.submit({ fleets });
    expect(await fleetOf(sortie, run)).toBe('other');
    await sortie.until('done', finished(sortie, run));
    expect(sortie.machines()).toHaveLength(1);
  });

  it('its own project’s alone, where it names the project too', async () => {
    const { sortie } = await twoFleets();
    expect(await fleetOf(sortie, await sortie.submit({ fleets: ['main/other'] }))).toBe('other');
    expect(await fleetOf(sortie, await sortie.submit({ fleets: [{ name: 'other', project: 'main' }] }))).toBe(
      'other',
    );
    const configuration = { type: 'task', commands: ['true'], fleets: ['elsewhere/other'] };
    expect(await sortie.request('POST', '/v1/runs', { configuration })).toMatchObject({
      status: 422,
      body: { errors: [{ message: 'there is no fleet elsewhere/other' }] },
    });
  });

  it('the one with the cheapest offer, where none stands idle', async () => {
    const { sortie } = await twoFleets({ instance_types: ['m6i.xlarge'] });
    expect(await fleetOf(sortie, await sortie.submit({ fleets }))).toBe('other');
  });

  it('the first of those that are equally good', async () => {
    const { sortie } = await twoFleets();
    expect(await fleetOf(sortie, await sortie.submit({ fleets }))).toBe('first');
  });

  it('one that has room for it, whatever it costs there', async () => {
    const { sortie } = await twoFleets({ nodes: '0..1' }, { instance_types: ['m6i.xlarge'] });
    const busy = await sortie.submit({ fleets: ['first'] });
    await sortie.until('it runs', async () => (await sortie.job(busy)).phase.kind === 'running');
    expect(await fleetOf(sortie, await sortie.submit({ fleets }))).toBe('other');
  });

  it('one that is not paused', async () => {
    const { sortie } = await twoFleets();
    await sortie.send('/v1/fleets/first/pause', { reason: null });
    expect(await fleetOf(sortie, await sortie.submit({ fleets }))).toBe('other');
  });

  it('one that can take it at all', async () => {
    const { sortie } = await twoFleets({ limits: { budget: 10 } });
    expect(await fleetOf(sortie, await sortie.submit({ fleets }))).toBe('other');
  });
});

describe('a run that waits in one of its fleets goes to another', () => {
  it('that comes to have a place for it, and is told so', async () => {
    const { sortie, busy } = await bothFull(600);
    const run = await sortie.submit({ fleets });
    await sortie.pass(MINUTE);
    expect((await sortie.job(run)).phase).toMatchObject({ kind: 'waiting', wait: { kind: 'fleet_limit' } });
    // The one in the other fleet is free first.
    expect(await sortie.stop(busy[1], 'graceful')).toBe(202);
    await sortie.until('it runs', async () => (await sortie.job(run)).phase.kind === 'running', 3 * MINUTE);
    expect(await fleetOf(sortie, run)).toBe('other');
    expect(sortie.machines()).toHaveLength(2);
    const { chain } = (await sortie.get(`/v1/runs/${run}/why`)) as { chain: { what: string }[] };
    expect(chain.map(({ what }) => what)).toContainEqual(
      expect.stringContaining('goes to fleet other: in fleet first, the fleet has its one instance'),
    );
    await sortie.until('all done', finished(sortie, run, ...busy));
    await expectSound(sortie);
  });

  it('where EC2 has what its own cannot get', async () => {
    const { sortie } = await twoFleets({ instance_types: ['m5.xlarge'] }, { instance_types: ['m6i.xlarge'] });
    sortie.world.faults.refuse = ({ offer }) =>
      offer.instance_type === 'm5.xlarge'
        ? {
            kind: 'refused',
            refusal: { class: 'capacity', code: 'InsufficientInstanceCapacity', message: 'none' },
          }
        : 'no';
    const run = await sortie.submit({ fleets });
    await sortie.until('done', finished(sortie, run));
    expect(await fleetOf(sortie, run)).toBe('other');
    expect((await sortie.job(run)).phase).toMatchObject({ status: 'done' });
    await expectSound(sortie);
  });

  it('when an operator pauses its own', async () => {
    const { sortie, busy } = await bothFull(600);
    const run = await sortie.submit({ fleets });
    await sortie.pass(MINUTE);
    expect(await fleetOf(sortie, run)).toBe('first');
    await sortie.send('/v1/fleets/first/pause', { reason: null });
    await sortie.until('done', finished(sortie, run, ...busy));
    expect(await fleetOf(sortie, run)).toBe('other');
    await expectSound(sortie);
  });

  it('to wait there, where its own was deleted', async () => {
    const { sortie } = await twoFleets({}, { nodes: '0..1' }, { behaviour: { commands: 600 } });
    const busy = await sortie.submit({ fleets: ['other'] });
    await sortie.until('it runs', async () => (await sortie.job(busy)).phase.kind === 'running');
    sortie.bells.dead = true;
    const run = await sortie.submit({ fleets });
    const work = sortie.store.work.bind(sortie.store);
    sortie.store.work = async (stream, key, limit) => (stream.name === 'Job' ? [] : work(stream, key, limit));
    expect((await sortie.request('DELETE', '/v1/fleets/first')).status).toBe(202);
    sortie.store.work = work;
    sortie.bells.dead = false;
    await sortie.pass(2 * MINUTE);
    expect(await fleetOf(sortie, run)).toBe('other');
    await sortie.until('done', finished(sortie, run));
    expect((await sortie.job(run)).phase).toMatchObject({ status: 'done' });
  });

  it('with all its nodes, or with none', async () => {
    const { sortie } = await twoFleets(
      { nodes: '0..1' },
      { nodes: '0..3' },
      { behaviour: { commands: 600 } },
    );
    const one = await sortie.submit({ fleets: ['other'] });
    await sortie.until('it runs', async () => (await sortie.job(one)).phase.kind === 'running');
    const run = await sortie.submit({ fleets: ['other', 'first'], nodes: 3 });
    await sortie.pass(2 * MINUTE);
    expect(await fleetOf(sortie, run)).toBe('other');
    expect(sortie.told('Run', run)).not.toContain('RunMoved');
    await sortie.apply({ name: 'first', nodes: '0..3' });
    await sortie.until('done', finished(sortie, run));
    expect(sortie.told('Run', run).filter((type) => type === 'RunMoved')).toHaveLength(1);
    for (const index of [0, 1, 2]) expect((await sortie.job(run, index)).fleet).toBe('first');
    await expectSound(sortie);
  });
});

describe('a run that has gone to another fleet', () => {
  it.each([
    ['would launch for it', {}, 0],
    ['has an instance for it', { idle_duration: '1h' }, 1],
    ['has no hope for it', { limits: { vcpus: 2 } }, 0],
  ])('is let be by a pass that still saw it in the first, which %s', async (_, first, machines) => {
    const { sortie } = await twoFleets(first);
    if (machines > 0) {
      const before = await sortie.submit({ fleets: ['first'] });
      await sortie.until('done', finished(sortie, before));
    }
    sortie.bells.dead = true;
    const run = await sortie.submit({ fleets: ['first', 'other'] });
    await move(sortie, run, 'other', 'first');
    const seen = { ...(await sortie.job(run)), fleet: FIRST };
    await move(sortie, run, 'first', 'other');
    const rung = { jobs: [{ id: jobId(run, 0), state: seen }], instances: [] };
    await sortie.clock.settle(placeJobs(sortie.on, FIRST, rung));
    expect(await sortie.job(run)).toMatchObject({ fleet: 'other', phase: { kind: 'waiting', wait: null } });
    expect(sortie.machines()).toHaveLength(machines);
    sortie.bells.dead = false;
    await sortie.until('done', finished(sortie, run));
    await expectSound(sortie);
  });

  it('never began where none of its fleets can ever serve it', async () => {
    const { sortie } = await twoFleets({ limits: { vcpus: 2 } }, { limits: { vcpus: 2 } });
    const run = await sortie.submit({ fleets });
    await sortie.until('over', finished(sortie, run));
    expect((await sortie.job(run)).phase).toMatchObject({ status: 'failed' });
    expect(sortie.told('Run', run)).not.toContain('RunMoved');
  });
});
