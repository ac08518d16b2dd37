import { describe, expect, it } from 'vitest';
import { FleetPlan } from '../../domain/api/fleet.ts';
import { jobId } from '../../domain/kernel/ids.ts';
import { MINUTE, SECOND } from '../../domain/kernel/instant.ts';
import { dyingAtEveryCall } from './at-every-call.ts';
import { inMemorySortie, type Sortie } from './in-memory-sortie.ts';
import { expectSound, finished } from './invariants.ts';

const isUp = (sortie: Sortie) => sortie.machines().filter(({ state }) => state === 'running');
const typesUp = (sortie: Sortie) => isUp(sortie).map(({ intent }) => intent.offer.instance_type);
const idle = (sortie: Sortie, count: number) =>
  sortie.until(`${count} idle`, async () => {
    const all = await sortie.instances();
    return all.filter(({ phase }) => phase.kind === 'idle').length === count;
  });
const plan = async (sortie: Sortie, fields: Record<string, unknown>) => {
  const configuration = { type: 'fleet', name: 'small', ...fields };
  const { status, body } = await sortie.request('POST', '/v1/fleets?dry_run=true', { configuration });
  expect(status).toBe(200);
  return FleetPlan.parse(body);
};

// Each of these admits m5.xlarge first and no m5.xlarge then.
const narrower: readonly (readonly [string, Record<string, unknown>, Record<string, unknown>, string])[] = [
  ['instance_types', {}, { instance_types: ['m6i.xlarge'] }, 'instance_types: the fleet asks for m6i.xlarge'],
  ['cpu', {}, { resources: { cpu: '8..' } }, 'resources.cpu: the fleet asks for 8.., and this has 4'],
  [
    'memory',
    {},
    { resources: { memory: '64GB..' } },
    'resources.memory: the fleet asks for 64GB.., and this has 16GB',
  ],
  [
    'disk',
    {},
    { resources: { disk: '200GB..' } },
    'resources.disk: the fleet asks for 200GB.., and this has 100GB',
  ],
  ['max_price', {}, { max_price: 0.5 }, 'max_price: the fleet asks for $0.50, and this has $1.00'],
  ['zone', {}, { availability_zones: ['us-east-1b'] }, 'availability_zones: the fleet asks for us-east-1b'],
  ['market', {}, { spot_policy: 'spot' }, 'spot_policy: the fleet asks for spot, and this has on-demand'],
  ['blocks', {}, { blocks: 2 }, 'blocks (of the fleet): the fleet asks for 2, and this has 1'],
];

describe('a fleet that is changed', () => {
  it.each(narrower)(
    'drains an instance that its %s does not admit any more, and says so before',
    async (_, first, then, why) => {
      const sortie = inMemorySortie();
      await sortie.apply({ ...first, nodes: '0..3', idle_duration: 'off' });
      await sortie.until('done', finished(sortie, await sortie.submit({ fleets: ['small'] })));
      await idle(sortie, 1);
      const { leaving } = await plan(sortie, { ...then, nodes: '0..3', idle_duration: 'off' });
      expect(leaving).toMatchObject([
        { instance_type: 'm5.xlarge', status: 'idle', why: expect.stringContaining(why) },
      ]);
      await sortie.apply({ ...then, nodes: '0..3', idle_duration: 'off' });
      await sortie.until('gone', () => isUp(sortie).length === 0, 5 * MINUTE);
      expect((await sortie.instances())[0]?.withheld).toMatchObject({
        by: 'sortie',
        reason: expect.stringContaining(why),
      });
      await expectSound(sortie);
    },
  );

  it('replaces the nodes that it keeps, and a run that only the new ones fit waits for them', async () => {
    const sortie = inMemorySortie();
    await sortie.apply({ nodes: 2, instance_types: ['m5.xlarge'], idle_duration: 'off' });
    await idle(sortie, 2);
    await sortie.apply({ nodes: 2, instance_types: ['m6i.xlarge'], idle_duration: 'off' });
    const run = await sortie.submit({ fleets: ['small'], instance_types: ['m6i.xlarge'] });
    await sortie.until('over', finished(sortie, run));
    expect((await sortie.job(run)).phase).toMatchObject({ kind: 'ended', status: 'done' });
    await idle(sortie, 2);
    expect(typesUp(sortie)).toEqual(['m6i.xlarge', 'm6i.xlarge']);
    expect(
      (
        await sortie.fleet(
          await sortie.apply({ nodes: 2, instance_types: ['m6i.xlarge'], idle_duration: 'off' }),
        )
      ).reservations,
    ).toHaveLength(2);
    await expectSound(sortie);
  });

  it('lets what runs end first: the next run gets an instance that fits', async () => {
    const sortie = inMemorySortie({ behaviour: { commands: 600 } });
    await sortie.apply({ nodes: '0..2', idle_duration: 'off' });
    const run = await sortie.submit({ fleets: ['small'] });
    await sortie.until('runs', async () => (await sortie.job(run)).phase.kind === 'running');
    const { leaving } = await plan(sortie, { nodes: '0..2', instance_types: ['m6i.xlarge'] });
    expect(leaving).toMatchObject([{ status: 'busy', jobs: [jobId(run, 0)] }]);
    await sortie.apply({ nodes: '0..2', instance_types: ['m6i.xlarge'] });
    const next = await sortie.submit({ fleets: ['small'] });
    await sortie.until('both over', finished(sortie, run, next));
    for (const one of [run, next])
      expect((await sortie.job(one)).phase).toMatchObject({ kind: 'ended', status: 'done' });
    expect(sortie.machines().map(({ intent }) => intent.offer.instance_type)).toEqual([
      'm5.xlarge',
      'm6i.xlarge',
    ]);
    expect(sortie.told('Job')).not.toContain('JobRequeued');
    await sortie.pass(MINUTE);
    expect(sortie.machines()[0]?.state).toBe('terminated');
    await expectSound(sortie);
  });

  it('drains as many as its lower limits leave no place for: idle ones before those that work', async () => {
    const sortie = inMemorySortie({ behaviour: { commands: 600 } });
    await sortie.apply({ nodes: '2..4', idle_duration: 'off' });
    await idle(sortie, 2);
    const run = await sortie.submit({ fleets: ['small'] });
    await sortie.until('runs', async () => (await sortie.job(run)).phase.kind === 'running');
    const { leaving } = await plan(sortie, { nodes: '0..1', idle_duration: 'off' });
    expect(leaving).toMatchObject([{ status: 'idle', why: 'limits.instances: 1 at most' }]);
    await sortie.apply({ nodes: '0..1', idle_duration: 'off' });
    await sortie.until('gone', () => isUp(sortie).length === 1, 5 * MINUTE);
    await sortie.until('over', finished(sortie, run));
    expect((await sortie.job(run)).phase).toMatchObject({ status: 'done' });
    expect(isUp(sortie)).toHaveLength(1);
    await expectSound(sortie);
  });

  it('stays as it is where it admits what it has', async () => {
    const sortie = inMemorySortie();
    await sortie.apply({ nodes: 2 });
    await idle(sortie, 2);
    const { leaving, launches } = await plan(sortie, {
      nodes: '2..4',
      resources: { cpu: '2..8' },
      max_price: 5,
    });
    expect({ leaving, launches }).toEqual({ leaving: [], launches: 0 });
    await sortie.apply({ nodes: '2..4', resources: { cpu: '2..8' }, max_price: 5 });
    await sortie.pass(30 * MINUTE);
    expect(sortie.machines()).toHaveLength(2);
    expect(isUp(sortie)).toHaveLength(2);
    expect(sortie.told('Instance')).not.toContain('InstanceReconfigured');
    await expectSound(sortie);
  });

  it('begins with `target` nodes again, and says so before', async () => {
    const sortie = inMemorySortie();
    await sortie.apply({ nodes: { min: 0, target: 1, max: 4 }, idle_duration: 'off' });
    await idle(sortie, 1);
    const wider = { nodes: { min: 0, target: 3, max: 4 }, idle_duration: 'off' };
    expect(await plan(sortie, wider)).toMatchObject({ leaving: [], launches: 2 });
    await sortie.apply(wider);
    await idle(sortie, 3);
    expect((await plan(sortie, wider)).launches).toBe(0);
    const other = { ...wider, instance_types: ['m6i.xlarge'] };
    expect(await plan(sortie, other)).toMatchObject({ launches: 3 });
    await sortie.apply(other);
    await sortie.until('replaced', () => isUp(sortie).length === 3 && !typesUp(sortie).includes('m5.xlarge'));
    await idle(sortie, 3);
    expect(typesUp(sortie)).toEqual(Array(3).fill('m6i.xlarge'));
    await expectSound(sortie);
  });

  it('has its idle_duration count at once for the instances that are there', async () => {
    const sortie = inMemorySortie();
    await sortie.apply({ nodes: '0..2', idle_duration: 'off' });
    await sortie.until('done', finished(sortie, await sortie.submit({ fleets: ['small'] })));
    await sortie.pass(60 * MINUTE);
    expect(isUp(sortie)).toHaveLength(1);
    await sortie.apply({ nodes: '0..2', idle_duration: '90m' });
    await sortie.pass(20 * MINUTE);
    expect(isUp(sortie)).toHaveLength(1);
    await sortie.pass(15 * MINUTE);
    expect(isUp(sortie)).toHaveLength(0);
    await expectSound(sortie);
  });

  it('leaves the idle time to the run that an instance was launched for, where it says none any more', async () => {
    const sortie = inMemorySortie();
    await sortie.apply({ idle_duration: 'off' });
    await sortie.until(
      'done',
      finished(sortie, await sortie.submit({ fleets: ['small'], idle_duration: '7m' })),
    );
    await sortie.apply({ max_price: 9 });
    await sortie.drain();
    expect((await sortie.instances())[0]?.idle_duration).toBe(7 * 60);
    await expectSound(sortie);
  });

  it('tags the instances that are there, and takes away the tags that it has no more; theirs of a run stay', async () => {
    const sortie = inMemorySortie();
    await sortie.apply({ tags: { team: 'vision', stage: 'try' }, idle_duration: 'off' });
    await sortie.until(
      'done',
      finished(sortie, await sortie.submit({ fleets: ['small'], tags: { own: 'x' } })),
    );
    sortie.world.faults.lostReplies.retag = 1;
    await sortie.apply({ tags: { team: 'audio' }, idle_duration: 'off' });
    await sortie.drain();
    await sortie.pass(3 * MINUTE);
    expect(sortie.machines().map(({ tags }) => tags)).toEqual([{ team: 'audio', own: 'x' }]);
    expect((await sortie.instances())[0]?.retag).toBeNull();
    await expectSound(sortie);
  });

  it('does not change what a launch that is under way is asked for again', async () => {
    const sortie = inMemorySortie();
    await sortie.apply({ tags: { team: 'vision' } });
    let asked = 0;
    sortie.world.faults.refuse = () =>
      asked++ < 2 ? { kind: 'throttled', code: 'RequestLimitExceeded' } : 'no';
    await sortie.submit({ fleets: ['small'] });
    await sortie.drain();
    await sortie.apply({ tags: { team: 'audio' } });
    await sortie.until('launched', () => sortie.machines().length === 1);
    await sortie.pass(30 * SECOND);
    expect(sortie.machines()[0]?.intent.tags).toEqual({ team: 'vision' });
    expect(sortie.machines()[0]?.tags).toEqual({ team: 'audio' });
    await expectSound(sortie);
  });

  it('has an instance that passed other checks checked before its next job', async () => {
    const sortie = inMemorySortie();
    const fields = { idle_duration: 'off' };
    const over = async () =>
      sortie.until('over', finished(sortie, await sortie.submit({ fleets: ['small'] })));
    const told = () => sortie.told('Instance').filter((type) => type === 'HealthPassed').length;
    await sortie.apply({ ...fields, health: true });
    await over();
    await over();
    expect(told()).toBe(1);
    await sortie.apply({ ...fields, health: { checks: ['disk'], script: 'true' } });
    await over();
    await over();
    expect(told()).toBe(2);
    await sortie.apply({ ...fields, health: { checks: ['disk'], script: 'true' }, max_price: 9 });
    await over();
    expect(told()).toBe(2);
    expect(sortie.machines()).toHaveLength(1);
    await expectSound(sortie);
  });

  it('again before the first change has reached all is reached by the last', async () => {
    const sortie = inMemorySortie();
    await sortie.apply({ nodes: 2 });
    await idle(sortie, 2);
    await sortie.apply({ nodes: 2, instance_types: ['m6i.xlarge'] });
    await sortie.apply({ nodes: 2, tags: { team: 'audio' } });
    await sortie.pass(10 * MINUTE);
    expect(typesUp(sortie)).toEqual(['m5.xlarge', 'm5.xlarge']);
    expect(sortie.machines().map(({ tags }) => tags)).toEqual(Array(2).fill({ team: 'audio' }));
    await expectSound(sortie);
  });
});

/** As a client does whose request was not answered: again. */
async function applied(sortie: Sortie, fields: Record<string, unknown>): Promise<void> {
  const configuration = { type: 'fleet', name: 'small', ...fields };
  while ((await sortie.request('POST', '/v1/fleets', { configuration })).status === 500);
}

describe('a change of a fleet', () => {
  dyingAtEveryCall(
    async (crash) => {
      const sortie = inMemorySortie({ crashing: crash });
      const fields = { nodes: 2, idle_duration: 'off' };
      await applied(sortie, fields);
      await idle(sortie, 2);
      const run = await sortie.submit({ fleets: ['small'] });
      await sortie.until('runs', async () => (await sortie.job(run)).phase.kind === 'running');
      await applied(sortie, { ...fields, instance_types: ['m6i.xlarge'], tags: { team: 'audio' } });
      await sortie.until(
        'replaced',
        () => isUp(sortie).length === 2 && !typesUp(sortie).includes('m5.xlarge'),
      );
      await idle(sortie, 2);
      expect((await sortie.job(run)).phase).toMatchObject({ status: 'done' });
      await expectSound(sortie);
    },
    { first: { undone: 1, done: 1 }, every: 5 },
  );
});
