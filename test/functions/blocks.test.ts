import { describe, expect, it } from 'vitest';
import type { Bundle } from '../../domain/job/bundles.ts';
import type { JobEvent } from '../../domain/job/events.ts';
import { attemptOf } from '../../domain/job/state.ts';
import type { RunId } from '../../domain/kernel/ids.ts';
import { MINUTE } from '../../domain/kernel/instant.ts';
import { catalogueOf, type } from '../domain/planning/given.ts';
import { type Given, inMemorySortie, type Sortie } from './in-memory-sortie.ts';
import { expectSound, finished } from './invariants.ts';

const gpu = { vendor: 'nvidia', name: 'A10G', count: 4, memoryMib: 22_888 };
const catalogue = catalogueOf(
  type('m5.2xlarge', { vcpus: 8, memoryMib: 32_768 }),
  type('g5.12xlarge', { vcpus: 48, memoryMib: 196_608, onDemandPrice: 5, gpu }),
);

/** A fleet of instances in 4 blocks, and this many runs that need a block each. */
async function withRuns(count: number, given: Given = {}, fields: Record<string, unknown> = {}) {
  const sortie = inMemorySortie({ catalogue, ...given });
  await sortie.apply({ blocks: 4, nodes: '0..4', idle_duration: '5m' });
  const runs: RunId[] = [];
  for (let n = 0; n < count; n++) runs.push(await sortie.submit({ fleets: ['small'], ...fields }));
  return { sortie, runs };
}

const phases = (sortie: Sortie, runs: readonly RunId[]) =>
  Promise.all(runs.map(async (run) => (await sortie.job(run)).phase.kind));
const allRun = (sortie: Sortie, runs: readonly RunId[]) =>
  sortie.until('all run', async () => (await phases(sortie, runs)).every((kind) => kind === 'running'));
const first = async (sortie: Sortie) => {
  const [instance] = await sortie.instances();
  if (instance === undefined) throw new Error('no instance');
  return instance;
};

/** What the runners were given, by run. */
function bundles(sortie: Sortie): Bundle[] {
  const events = sortie.store.commits.flatMap((commit) => commit.events as JobEvent[]);
  const keys = events.flatMap((one) => (one.type === 'SubmissionAssigned' ? [one.bundle.key] : []));
  return keys.flatMap((key) => sortie.bundles.fetch(`memory://${key}`) ?? []);
}

describe('an instance of 4 blocks', () => {
  it('runs 4 jobs at once, a fifth on another, and is idle when the last has ended', async () => {
    const { sortie, runs } = await withRuns(4, { behaviour: { commands: 300 } });
    await allRun(sortie, runs);
    expect(sortie.machines()).toHaveLength(1);
    expect(await sortie.get('/v1/instances')).toMatchObject({
      instances: [{ status: 'busy', busy_blocks: 4, total_blocks: 4, jobs: { length: 4 } }],
    });
    const late = await sortie.submit({ fleets: ['small'] });
    await allRun(sortie, [late]);
    expect(sortie.machines()).toHaveLength(2);
    await expectSound(sortie);

    await sortie.stop(runs[0] as RunId, 'graceful');
    await sortie.until('one is over', finished(sortie, runs[0] as RunId));
    expect(await first(sortie)).toMatchObject({ phase: { kind: 'busy', claims: { length: 3 } } });
    await sortie.until('all are over', finished(sortie, ...runs, late));
    await sortie.drain();
    expect((await first(sortie)).phase.kind).toBe('idle');
    await sortie.pass(10 * MINUTE);
    expect((await first(sortie)).phase.kind).toBe('terminated');
    await expectSound(sortie);
  });

  it('gives a freed block to the next in line at once', async () => {
    const { sortie, runs } = await withRuns(4, { behaviour: { commands: 300 }, instances: 1 });
    await sortie.apply({ blocks: 4, nodes: '0..1', idle_duration: '5m' });
    await allRun(sortie, runs);
    const next = await sortie.submit({ fleets: ['small'] });
    await sortie.drain();
    expect((await sortie.job(next)).phase).toMatchObject({ wait: { kind: 'fleet_limit' } });
    await sortie.stop(runs[1] as RunId, 'graceful');
    await sortie.until('it runs', async () => (await sortie.job(next)).phase.kind === 'running', MINUTE);
    expect(sortie.machines()).toHaveLength(1);
    await expectSound(sortie);
  });

  it('tells each job its share, and gives no two of them the same GPU', async () => {
    const asks = { resources: { gpu: 'A10G:1' } };
    const { sortie, runs } = await withRuns(4, { behaviour: { commands: 300 } }, asks);
    await allRun(sortie, runs);
    expect(sortie.machines()).toHaveLength(1);
    const told = bundles(sortie).map(({ env }) => env);
    expect(told.map((env) => env.CUDA_VISIBLE_DEVICES).sort()).toEqual(['0', '1', '2', '3']);
    for (const env of told)
      expect(env).toMatchObject({
        SORTIE_GPUS_PER_NODE: '1',
        NVIDIA_VISIBLE_DEVICES: env.CUDA_VISIBLE_DEVICES,
      });
    const { phase } = await sortie.job(runs[0] as RunId);
    expect(phase).toMatchObject({ attempt: { offer: { price: 1.25, resources: { cpus: 12 } } } });
  });

  it('that EC2 takes back ends all its jobs, and each is tried again', async () => {
    const given = { behaviour: { commands: 600, obey: 20 } };
    const { sortie, runs } = await withRuns(4, given, { retry: { on_events: ['interruption'] } });
    await allRun(sortie, runs);
    const [machine] = sortie.machines();
    const ec2 = machine?.ec2 ?? '';
    await sortie.observe({
      'detail-type': 'EC2 Spot Instance Interruption Warning',
      detail: { 'instance-id': ec2 },
    });
    sortie.clock.at(sortie.clock.now() + 2 * MINUTE, () => sortie.world.end(ec2));
    await sortie.until('none runs', async () => !(await phases(sortie, runs)).includes('running'), MINUTE);
    await sortie.until('all are done', finished(sortie, ...runs));
    for (const run of runs)
      expect((await sortie.job(run)).past).toMatchObject([
        { submission: 0, reason: 'interrupted_by_no_capacity', exit_status: 143 },
        { submission: 1, status: 'done' },
      ]);
    expect(await first(sortie)).toMatchObject({ phase: { reason: 'spot_interruption' } });
    await expectSound(sortie);
  });

  it('that EC2 takes back sends a job elsewhere that has not begun, and stops the one that has', async () => {
    const { sortie, runs } = await withRuns(1, { behaviour: { commands: 600, obey: 20 } });
    await allRun(sortie, runs);
    const late = await sortie.submit({ fleets: ['small'] });
    await sortie.until('promised', async () => (await sortie.job(late)).phase.kind === 'assigned');
    const ec2 = sortie.machines()[0]?.ec2 ?? '';
    await sortie.observe({
      'detail-type': 'EC2 Spot Instance Interruption Warning',
      detail: { 'instance-id': ec2 },
    });
    expect(await first(sortie)).toMatchObject({ phase: { kind: 'draining', claims: { length: 1 } } });
    sortie.clock.at(sortie.clock.now() + 2 * MINUTE, () => sortie.world.end(ec2));
    await sortie.until('both are over', finished(sortie, ...runs, late));
    expect((await sortie.job(runs[0] as RunId)).phase).toMatchObject({
      reason: 'interrupted_by_no_capacity',
    });
    expect((await sortie.job(late)).past).toMatchObject([
      { reason: 'interrupted_by_no_capacity', started_at: null },
      { status: 'done' },
    ]);
    await expectSound(sortie);
  });

  it('that the fleet keeps without a job takes jobs while it boots', async () => {
    const sortie = inMemorySortie({ catalogue });
    await sortie.apply({ blocks: 4, nodes: '1..2' });
    await sortie.until('it boots', () => sortie.machines().length > 0);
    const runs = [await sortie.submit({ fleets: ['small'] }), await sortie.submit({ fleets: ['small'] })];
    await sortie.until('both are done', finished(sortie, ...runs));
    expect(sortie.machines()).toHaveLength(1);
    await expectSound(sortie);
  });

  it('is paid for until the last of its jobs may have ended, and not four times', async () => {
    const sortie = inMemorySortie({ catalogue, behaviour: { commands: 300 } });
    // $1/h: half an hour for a job, with its boot, its stop and what is around it.
    await sortie.apply({ blocks: 4, nodes: '0..4', limits: { budget: 0.6 } });
    const asks = { fleets: ['small'], max_duration: '10m', stop_duration: '5m' };
    const runs = [];
    for (let n = 0; n < 4; n++) runs.push(await sortie.submit(asks));
    await allRun(sortie, runs);
    expect(sortie.machines()).toHaveLength(1);
    await sortie.until('all are done', finished(sortie, ...runs));
    await expectSound(sortie);
  });

  it('that never comes up hands back all its jobs', async () => {
    const { sortie, runs } = await withRuns(4, { behaviour: { boot: null } });
    await sortie.until('it boots', () => sortie.machines().length > 0);
    await sortie.drain();
    expect((await first(sortie)).phase).toMatchObject({ kind: 'booting', claims: { length: 4 } });
    sortie.behaviour.boot = 20;
    await sortie.until('all are done', finished(sortie, ...runs));
    for (const run of runs)
      expect((await sortie.job(run)).past).toMatchObject([
        { reason: 'waiting_runner_limit_exceeded' },
        { status: 'done' },
      ]);
    await expectSound(sortie);
  });

  it('whose launch is refused hands back all its jobs, to the next offer', async () => {
    const sortie = inMemorySortie({ catalogue });
    await sortie.apply({ blocks: 4 });
    sortie.world.faults.refuse = ({ offer }) =>
      offer.zone === 'us-east-1a'
        ? {
            kind: 'refused',
            refusal: { class: 'capacity', code: 'InsufficientInstanceCapacity', message: 'none' },
          }
        : 'no';
    const runs = [await sortie.submit({ fleets: ['small'] }), await sortie.submit({ fleets: ['small'] })];
    await sortie.until('all are done', finished(sortie, ...runs));
    expect(sortie.told('Job').filter((type) => type === 'OfferRefused')).toHaveLength(2);
    expect(sortie.machines()).toHaveLength(1);
    await expectSound(sortie);
  });

  it('on which one job is aborted lets the others go on, and takes no more', async () => {
    const { sortie, runs } = await withRuns(3, { behaviour: { commands: 300 } });
    await allRun(sortie, runs);
    const [aborted, ...others] = runs as [RunId, ...RunId[]];
    await sortie.stop(aborted, 'abort');
    expect(await first(sortie)).toMatchObject({
      withheld: { behavior: 'drain', by: 'sortie' },
      phase: { kind: 'busy', claims: { length: 2 } },
    });
    const next = await sortie.submit({ fleets: ['small'] });
    await sortie.until('all are over', finished(sortie, ...others, next));
    for (const run of others) expect((await sortie.job(run)).phase).toMatchObject({ status: 'done' });
    const [old, other] = await sortie.instances();
    expect(attemptOf(await sortie.job(next))).toBeUndefined();
    expect([old?.phase.kind, other?.phase.kind]).not.toContain('busy');
    await sortie.pass(3 * MINUTE);
    expect(await first(sortie)).toMatchObject({ phase: { reason: 'ended_by_operator' } });
    await expectSound(sortie);
  });

  it('on which a job does not end in its time is not ended under the others', async () => {
    const { sortie, runs } = await withRuns(
      2,
      { behaviour: { commands: 900, obey: null } },
      {
        stop_duration: '10s',
      },
    );
    await allRun(sortie, runs);
    await sortie.stop(runs[0] as RunId, 'graceful');
    await sortie.until('it is over', finished(sortie, runs[0] as RunId), 5 * MINUTE);
    expect((await sortie.job(runs[1] as RunId)).phase.kind).toBe('running');
    await sortie.until('the other is done', finished(sortie, runs[1] as RunId));
    expect((await sortie.job(runs[1] as RunId)).phase).toMatchObject({ status: 'done' });
    await expectSound(sortie);
  });

  it('that an operator kills loses all its jobs', async () => {
    const { sortie, runs } = await withRuns(3, { behaviour: { commands: 300 } });
    await allRun(sortie, runs);
    const { instances } = (await sortie.get('/v1/instances')) as { instances: { id: string }[] };
    await sortie.send(`/v1/instances/${instances[0]?.id}/kill`, {});
    for (const run of runs)
      expect((await sortie.job(run)).phase).toMatchObject({ reason: 'interrupted_by_no_capacity' });
    await sortie.pass(3 * MINUTE);
    await expectSound(sortie);
  });

  it('is told to the metrics with each of its jobs', async () => {
    const { sortie, runs } = await withRuns(3, { behaviour: { commands: 300 } });
    await allRun(sortie, runs);
    expect(await sortie.scrape()).toContain(
      'sortie_queue_entries{state="running",instance_type="m5.2xlarge"} 3\n',
    );
  });
});
