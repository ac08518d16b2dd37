import { describe, expect, it } from 'vitest';
import { FleetName } from '../../domain/kernel/ids.ts';
import { HOUR, MINUTE } from '../../domain/kernel/instant.ts';
import { statusOf } from '../../domain/run/state.ts';
import { catalogueOf, type } from '../domain/planning/given.ts';
import { dyingAtEveryCall } from './at-every-call.ts';
import { type Given, inMemorySortie, type Sortie } from './in-memory-sortie.ts';
import { expectSound, finished } from './invariants.ts';

const oneType = catalogueOf(type('m5.xlarge'));
const ends = (sortie: Sortie): string[] => [
  ...new Set(sortie.machines().map(({ intent }) => `${intent.group} ${intent.offer.zone}`)),
];
const capacityIn = (sortie: Sortie, refused: (zone: string) => boolean): void => {
  const refusal = { class: 'capacity', code: 'InsufficientInstanceCapacity', message: 'none left' } as const;
  sortie.world.faults.refuse = ({ offer }) => (refused(offer.zone) ? { kind: 'refused', refusal } : 'no');
};
const running = (sortie: Sortie): number =>
  sortie.machines().filter(({ state }) => state === 'running').length;

async function cluster(fields: Record<string, unknown> = {}, given: Given = { catalogue: oneType }) {
  const sortie = inMemorySortie(given);
  const configuration = { type: 'fleet', name: 'small', placement: 'cluster', nodes: '0..4', ...fields };
  // Its process may die of it.
  while ((await sortie.request('POST', '/v1/fleets', { configuration })).status === 500);
  return { sortie, fleet: FleetName.parse('small') };
}

async function deleted(sortie: Sortie, fleet: FleetName): Promise<void> {
  for (;;) {
    const { status } = await sortie.request('DELETE', `/v1/fleets/${fleet}`);
    if (status === 202) break;
    await sortie.pass(MINUTE);
  }
  await sortie.until('the group is gone', () => sortie.world.groups.size === 0, 30 * MINUTE);
  await sortie.until('on record', async () => (await sortie.fleet(fleet)).group === null, 5 * MINUTE);
}

describe('a fleet with placement: cluster', () => {
  it('has all nodes of a run in one group, made before the first launch, and it goes with the fleet', async () => {
    const { sortie, fleet } = await cluster({ tags: { team: 'vision' } });
    expect(sortie.world.groups.size).toBe(0);
    const run = await sortie.submit({ fleets: ['small'], nodes: 3, idle_duration: '2m' });
    await sortie.until('done', finished(sortie, run));
    expect(statusOf(await sortie.run(run))).toBe('done');
    const [group] = sortie.world.groups.values();
    expect(group).toMatchObject({ fleet: 'small', tags: { team: 'vision' } });
    expect(sortie.machines()).toHaveLength(3);
    expect(ends(sortie)).toEqual([`${group?.id} us-east-1a`]);
    const told = sortie.told('Fleet');
    expect(told.filter((one) => one.startsWith('PlacementGroup'))).toEqual([
      'PlacementGroupRequested',
      'PlacementGroupCreated',
    ]);
    expect((await sortie.request('GET', '/v1/fleets/small')).body).toMatchObject({
      configuration: { placement: 'cluster' },
      placement_group: { status: 'created', name: `sortie-test-${group?.id}` },
    });
    await sortie.pass(10 * MINUTE);
    expect(sortie.world.groups.size).toBe(1);
    await deleted(sortie, fleet);
    expect(sortie.told('Fleet').slice(-2)).toEqual(['PlacementGroupReleased', 'PlacementGroupDeleted']);
    await expectSound(sortie);
  });

  it('keeps nodes in it as well, and a deleted one that still has instances keeps its group until they end', async () => {
    const { sortie, fleet } = await cluster({ nodes: '2..4' });
    await sortie.until('two up', () => running(sortie) === 2, 10 * MINUTE);
    expect(ends(sortie)).toHaveLength(1);
    await deleted(sortie, fleet);
    expect(running(sortie)).toBe(0);
    await expectSound(sortie);
  });

  it('sends runs one by one to the zone where the first is, and to another once that is empty', async () => {
    const { sortie } = await cluster({}, { catalogue: oneType, behaviour: { commands: 600 } });
    const first = await sortie.submit({ fleets: ['small'], availability_zones: ['us-east-1b'] });
    await sortie.until('it runs', async () => (await sortie.job(first)).phase.kind === 'running');
    const second = await sortie.submit({ fleets: ['small'] });
    const third = await sortie.submit({ fleets: ['small'], availability_zones: ['us-east-1a'] });
    await sortie.until('it runs', async () => (await sortie.job(second)).phase.kind === 'running');
    expect((await sortie.job(third)).phase).toMatchObject({
      kind: 'waiting',
      wait: {
        kind: 'busy_instances',
        message: expect.stringMatching(/^nothing that fits can be launched in us-east-1b, where/),
      },
    });
    await sortie.until('done', finished(sortie, first, second, third));
    expect(statusOf(await sortie.run(third))).toBe('done');
    expect(sortie.machines().map(({ intent }) => intent.offer.zone)).toEqual([
      'us-east-1b',
      'us-east-1b',
      'us-east-1a',
    ]);
    expect(ends(sortie)).toHaveLength(2);
    await expectSound(sortie);
  });

  it('with a gang that finds no capacity for its last node gives it back and tries another zone', async () => {
    const { sortie } = await cluster();
    let places = 2;
    capacityIn(sortie, (zone) => zone === 'us-east-1a' && places-- <= 0);
    const run = await sortie.submit({ fleets: ['small'], nodes: 3, idle_duration: '2m' });
    await sortie.until('done', finished(sortie, run), 2 * HOUR);
    expect(statusOf(await sortie.run(run))).toBe('done');
    const live = sortie.machines().slice(-3);
    expect(new Set(live.map(({ intent }) => intent.offer.zone))).toEqual(new Set(['us-east-1b']));
    await expectSound(sortie);
  });

  it('fails a run at once that asks for what EC2 places in no cluster', async () => {
    const burstable = type('t3.xlarge', { traits: ['burstable', 'unclustered'] });
    const { sortie } = await cluster({}, { catalogue: catalogueOf(burstable, type('m5.xlarge')) });
    const run = await sortie.submit({ fleets: ['small'], instance_types: ['t3.xlarge'] });
    await sortie.drain();
    expect((await sortie.job(run)).phase).toMatchObject({
      kind: 'ended',
      message: expect.stringContaining('placement (of the fleet)'),
    });
    expect(sortie.machines()).toEqual([]);
  });

  it('none of whose types EC2 places so is refused, with the field', async () => {
    const burstable = type('t3.xlarge', { traits: ['unclustered'] });
    const sortie = inMemorySortie({ catalogue: catalogueOf(burstable, type('m5.xlarge')) });
    const fleet = { type: 'fleet', name: 'small', placement: 'cluster', instance_types: ['t3.xlarge'] };
    for (const path of ['/v1/fleets', '/v1/fleets?dry_run=true'])
      expect(await sortie.request('POST', path, { configuration: fleet })).toMatchObject({
        status: 422,
        body: {
          errors: [
            {
              path: ['configuration', 'placement'],
              message: expect.stringContaining('none of t3.xlarge'),
            },
          ],
        },
      });
    expect(sortie.told('Fleet')).toEqual([]);
  });

  it('with instances is not changed to another placement', async () => {
    const { sortie } = await cluster({ nodes: 1 });
    await sortie.until('up', () => running(sortie) === 1, 10 * MINUTE);
    const changed = await sortie.request('POST', '/v1/fleets', {
      configuration: { type: 'fleet', name: 'small', nodes: 1 },
    });
    expect(changed).toMatchObject({
      status: 422,
      body: {
        errors: [{ path: ['configuration', 'placement'], hint: expect.stringContaining('terminate-all') }],
      },
    });
  });
});

describe('the call that makes the group', () => {
  it('is throttled: the launches wait, and it is made again', async () => {
    const { sortie } = await cluster();
    sortie.world.faults.refuseGroup = { kind: 'throttled', code: 'RequestLimitExceeded' };
    const run = await sortie.submit({ fleets: ['small'] });
    await sortie.pass(30_000);
    expect(sortie.machines()).toEqual([]);
    expect(sortie.told('Fleet')).toContain('LaunchesThrottled');
    sortie.world.faults.refuseGroup = 'no';
    await sortie.until('done', finished(sortie, run));
    expect(statusOf(await sortie.run(run))).toBe('done');
    await expectSound(sortie);
  });

  it('is refused: the run fails with the code', async () => {
    const { sortie } = await cluster();
    const code = 'PlacementGroupLimitExceeded';
    sortie.world.faults.refuseGroup = { kind: 'refused', code, message: 'there are 500' };
    const run = await sortie.submit({ fleets: ['small'] });
    await sortie.until('over', finished(sortie, run));
    expect((await sortie.job(run)).phase).toMatchObject({ message: expect.stringContaining(code) });
    await expectSound(sortie);
  });

  it('loses its reply, and so does the one that deletes it: both are made again', async () => {
    const { sortie, fleet } = await cluster();
    sortie.world.faults.lostReplies.createGroup = 1;
    sortie.world.faults.lostReplies.deleteGroup = 1;
    const run = await sortie.submit({ fleets: ['small'], idle_duration: '1m' });
    await sortie.until('done', finished(sortie, run));
    expect(sortie.world.groups.size).toBe(1);
    await deleted(sortie, fleet);
    await expectSound(sortie);
  });

  it('is made again where somebody has deleted the group meanwhile', async () => {
    const { sortie } = await cluster();
    const run = await sortie.submit({ fleets: ['small'], idle_duration: '1m' });
    await sortie.until('done', finished(sortie, run));
    await sortie.until('ended', () => running(sortie) === 0);
    sortie.world.groups.clear();
    const again = await sortie.submit({ fleets: ['small'] });
    await sortie.until('done', finished(sortie, again));
    expect(statusOf(await sortie.run(again))).toBe('done');
    expect(sortie.world.groups.size).toBe(1);
  });
});

it('a group with our tag that no fleet knows of is swept away; one that a fleet has, or with instances, is not', async () => {
  const { sortie, fleet } = await cluster({ nodes: 1 });
  await sortie.until('up', () => running(sortie) === 1, 10 * MINUTE);
  const [kept] = sortie.world.groups.keys();
  for (const id of ['small-00000000', 'gone-00000000'])
    sortie.world.groups.set(id, {
      id,
      fleet: id.startsWith('small') ? fleet : FleetName.parse('gone'),
      tags: {},
    });
  await sortie.pass(11 * MINUTE);
  expect([...sortie.world.groups.keys()]).toEqual([kept]);
});

describe('a run of two nodes in a cluster, and the end of its fleet', () => {
  dyingAtEveryCall(
    async (crash) => {
      const { sortie, fleet } = await cluster({}, { catalogue: oneType, crashing: crash });
      const run = await sortie.submit({ fleets: ['small'], nodes: 2, idle_duration: '2m' });
      await sortie.until('over', finished(sortie, run), 3 * HOUR);
      expect(statusOf(await sortie.run(run))).toBe('done');
      expect(new Set(sortie.machines().map(({ intent }) => intent.group)).size).toBe(1);
      await deleted(sortie, fleet);
      await expectSound(sortie);
    },
    { first: { undone: 2, done: 1 }, every: 5 },
  );
});
