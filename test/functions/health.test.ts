import { describe, expect, it } from 'vitest';
import { assignTo } from '../../domain/coordination/place-job.ts';
import type { Bundle } from '../../domain/job/bundles.ts';
import { START_LIMIT } from '../../domain/job/retry.ts';
import { FleetName, InstanceId, jobId, type RunId } from '../../domain/kernel/ids.ts';
import { bundle } from '../domain/given.ts';
import { type Given, inMemorySortie, type Sortie } from './in-memory-sortie.ts';
import { expectSound, finished } from './invariants.ts';

async function checkedFleet(given: Given = {}, health: unknown = true): Promise<Sortie> {
  const sortie = inMemorySortie(given);
  await sortie.apply({ health });
  return sortie;
}

const submit = (sortie: Sortie) => sortie.submit({ fleets: ['small'] });
async function over(sortie: Sortie): Promise<RunId> {
  const run = await submit(sortie);
  await sortie.until('over', finished(sortie, run));
  await sortie.drain();
  return run;
}
/** Of the health of instances, as it came to be. */
const told = (sortie: Sortie) => sortie.told('Instance').filter((type) => type.startsWith('Health'));

/** What the runners were given, in turn. */
function checks(sortie: Sortie): Bundle['health'][] {
  const put: Bundle['health'][] = [];
  const { bundles } = sortie;
  const write = bundles.put.bind(bundles);
  bundles.put = async (key, bundle) => {
    put.push(bundle.health);
    await write(key, bundle);
  };
  return put;
}

describe('a fleet that has its nodes checked', () => {
  it('checks one before its first job, not before its second, and again after a failure', async () => {
    const sortie = await checkedFleet();
    await over(sortie);
    expect(told(sortie)).toEqual(['HealthPassed']);
    expect(await sortie.get('/v1/instances')).toMatchObject({ instances: [{ health: 'passed' }] });

    sortie.behaviour.status = 3;
    await over(sortie);
    expect(told(sortie)).toEqual(['HealthPassed', 'HealthDoubted']);
    sortie.behaviour.status = 0;
    await over(sortie);
    await over(sortie);
    expect(told(sortie)).toEqual(['HealthPassed', 'HealthDoubted', 'HealthPassed']);
    expect(sortie.machines()).toHaveLength(1);
    await expectSound(sortie);
  });

  it('gives the check to the runner with what the offer says, or nothing where all is known', async () => {
    const sortie = await checkedFleet({}, { checks: ['disk'], script: 'true\n', timeout: '1m' });
    const given = checks(sortie);
    await over(sortie);
    await over(sortie);
    expect(given).toEqual([
      {
        checks: ['disk'],
        script: 'true\n',
        timeout_seconds: 60,
        expects: { memory_mib: expect.any(Number), gpus: 0, vendor: null },
      },
      null,
    ]);
  });

  it('drains a node that fails, says why, and runs the job elsewhere as if nothing had been', async () => {
    const sortie = await checkedFleet({ behaviour: { ill: 'disk: read-only' } });
    const run = await submit(sortie);
    await sortie.until('it failed', () => told(sortie).includes('HealthFailed'));
    const [ill] = await sortie.instances();
    expect(ill).toMatchObject({ health: 'failed', withheld: { by: 'sortie', reason: 'disk: read-only' } });
    expect(await sortie.get(`/v1/runs/${run}/why`)).toMatchObject({
      cause: { message: expect.stringContaining('its node failed the health check: disk: read-only') },
    });
    expect(await sortie.get('/v1/instances')).toMatchObject({
      instances: [
        { health: 'failed', behavior: 'drain', operator: { by: 'sortie', reason: 'disk: read-only' } },
      ],
    });
    sortie.behaviour.ill = null;
    await sortie.until('over', finished(sortie, run));
    await sortie.drain();
    const job = await sortie.job(run);
    expect(job).toMatchObject({ phase: { kind: 'ended', status: 'done' }, retry: null });
    expect(job.past.map(({ submission, started_at }) => [submission, started_at === null])).toEqual([
      [0, true],
      [1, false],
    ]);
    const [first, second] = await sortie.instances();
    expect([first?.phase.kind, second?.health]).toEqual(['terminated', 'passed']);
    expect(sortie.told('Run').filter((type) => type === 'RunFinished')).toHaveLength(1);
    await expectSound(sortie);
  });

  it('gives a job up when none of ten nodes is well', async () => {
    const sortie = await checkedFleet({ behaviour: { ill: 'gpu: none' }, instances: 20 });
    const run = await over(sortie);
    expect((await sortie.job(run)).phase).toMatchObject({
      status: 'failed',
      message: `${START_LIMIT} starts failed in a row: its node failed the health check: gpu: none (10 times)`,
    });
    expect(await sortie.get(`/v1/runs/${run}/why`)).toMatchObject({ cause: { kind: 'nodes_unhealthy' } });
    expect(sortie.machines()).toHaveLength(START_LIMIT);
    await expectSound(sortie);
  });

  it('lets the others on a shared node go on, and nobody join them', async () => {
    const sortie = inMemorySortie({ behaviour: { commands: 1_200 } });
    await sortie.apply({ health: true, blocks: 2 });
    const stays = await submit(sortie);
    await sortie.until('it runs', async () => (await sortie.job(stays)).phase.kind === 'running');
    Object.assign(sortie.behaviour, { commands: 5, status: 3 });
    await over(sortie);
    Object.assign(sortie.behaviour, { status: 0, ill: 'memory: 3 of 4 modules' });
    const moves = await submit(sortie);
    await sortie.until('the check failed', () => told(sortie).includes('HealthFailed'));
    sortie.behaviour.ill = null;
    await sortie.until('it ran elsewhere', finished(sortie, moves));
    expect((await sortie.job(stays)).phase.kind).toBe('running');
    expect(await sortie.instances()).toMatchObject([
      { withheld: { behavior: 'drain' }, phase: { claims: [{ job: `${stays}-0` }] } },
      { withheld: null, health: 'passed' },
    ]);
    await sortie.until('all is over', finished(sortie, stays));
    await sortie.drain();
    expect((await sortie.instances())[0]?.phase.kind).toMatch(/^terminat/);
    expect((await sortie.run(stays)).phase).toMatchObject({ status: 'done' });
    await expectSound(sortie);
  });

  it('replaces the one node of several that fails, before any of them begins', async () => {
    const sortie = await checkedFleet();
    const ill = new Set<string>();
    sortie.nodes.set(1, ({ ec2 }) => {
      if (ill.size === 0) ill.add(ec2);
      return { ill: ill.has(ec2) ? 'gpu: lost' : null };
    });
    const run = await sortie.submit({ fleets: ['small'], nodes: 3 });
    await sortie.until('over', finished(sortie, run));
    await sortie.drain();
    const jobs = await Promise.all([0, 1, 2].map((index) => sortie.job(run, index)));
    expect(jobs.map(({ past }) => past.map(({ status }) => status))).toEqual([
      ['done'],
      ['failed', 'done'],
      ['done'],
    ]);
    expect(told(sortie).sort()).toEqual(['HealthFailed', ...Array(3).fill('HealthPassed')]);
    await expectSound(sortie);
  });

  it('gives no instance that came to be doubted a job whose runner would not look', async () => {
    const sortie = await checkedFleet({ behaviour: { status: 3 } });
    await over(sortie);
    sortie.bells.dead = true;
    const job = jobId(await submit(sortie), 0);
    const instance = InstanceId.parse(sortie.machines()[0]?.intent.instance);
    const to = { fleet: FleetName.parse('small'), job, instance, blocks: [0], submission: 0, bundle };
    const provenance = { by: 'function:react', causation: null, correlation: 'a-test' };
    const check = { checks: ['disk' as const], script: null, timeout: 30 };
    expect(await assignTo(sortie.on, provenance, { ...to, check: null })).toBe('lost');
    expect(await assignTo(sortie.on, provenance, { ...to, check })).toBe('assigned');
  });
});

it('a fleet that does not ask has no node checked, nor any that is doubted', async () => {
  const sortie = inMemorySortie({ behaviour: { status: 3, ill: 'never asked' } });
  const given = checks(sortie);
  await sortie.until('over', finished(sortie, await sortie.submit()));
  expect(given).toEqual([null]);
  expect(told(sortie)).toEqual([]);
});

it('a fleet that comes to ask has the nodes checked that it has', async () => {
  const sortie = inMemorySortie();
  await sortie.apply({});
  await over(sortie);
  await sortie.apply({ health: true });
  await over(sortie);
  expect(told(sortie)).toEqual(['HealthPassed']);
  expect(sortie.machines()).toHaveLength(1);
});
