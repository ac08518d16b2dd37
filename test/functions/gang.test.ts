import { describe, expect, it } from 'vitest';
import type { RunId } from '../../domain/kernel/ids.ts';
import { SECOND } from '../../domain/kernel/instant.ts';
import { task } from '../domain/given.ts';
import { ended, jobsOf, pastOf } from './gang-outcome.ts';
import { inMemorySortie, type Sortie } from './in-memory-sortie.ts';

const running = (sortie: Sortie, run: RunId) => async () =>
  (await jobsOf(sortie, run)).every(({ phase }) => phase.kind === 'running');

const machineOf = async (sortie: Sortie, run: RunId, index: number) => {
  const { phase } = await sortie.job(run, index);
  const instance = 'attempt' in phase ? phase.attempt.instance : '';
  return sortie.machines().find(({ intent }) => intent.instance === instance);
};

describe('a run of three nodes', () => {
  it('is done when all are, in one zone, each told of all when all were there', async () => {
    const sortie = inMemorySortie();
    const run = await sortie.submitGang(3);
    expect(await ended(sortie, run)).toEqual({ status: 'done', message: null });
    expect(await pastOf(sortie, run)).toEqual(Array(3).fill(['done_by_runner']));
    const zones = (await sortie.instances()).map(({ offer }) => offer.zone);
    expect(zones).toEqual(Array(3).fill('us-east-1a'));
    const nodes = ['10.0.0.1', '10.0.0.2', '10.0.0.3'];
    expect(sortie.orders.map(({ order }) => order)).toEqual([
      ...Array(3).fill({ order: 'prepare', container: null, nodes }),
      ...Array(3).fill({ order: 'go', nodes }),
    ]);
  });

  it('is submitted with `nodes`', async () => {
    const sortie = inMemorySortie();
    const run = await sortie.submit({ nodes: 3, idle_duration: '2m' });
    expect(await ended(sortie, run)).toMatchObject({ status: 'done' });
    expect(await pastOf(sortie, run)).toEqual(Array(3).fill(['done_by_runner']));
  });

  it('begins with the master where `startup_order` says so', async () => {
    const sortie = inMemorySortie();
    const run = await sortie.submitGang(3, { startup_order: 'master-first' });
    await ended(sortie, run);
    const going = sortie.orders.filter(({ order }) => order.order === 'go');
    expect(going[0]?.submission).toBe(`${run}-0-0`);
  });

  it('begins with the workers where `startup_order` says so', async () => {
    const sortie = inMemorySortie();
    const run = await sortie.submitGang(3, { startup_order: 'workers-first' });
    await ended(sortie, run);
    const going = sortie.orders.filter(({ order }) => order.order === 'go');
    expect(going.at(-1)?.submission).toBe(`${run}-0-0`);
  });

  it('is done with its master where `stop_criteria` says so: the others are stopped', async () => {
    const sortie = inMemorySortie();
    for (const rank of [1, 2]) sortie.nodes.set(rank, () => ({ commands: null }));
    const run = await sortie.submitGang(3, { stop_criteria: 'master-done' });
    expect(await ended(sortie, run)).toMatchObject({ status: 'done' });
    expect(await pastOf(sortie, run)).toEqual([
      ['done_by_runner'],
      ['terminated_by_server'],
      ['terminated_by_server'],
    ]);
  });

  it.each(['graceful', 'abort'] as const)('ends on its user’s stop (%s), wherever it is', async (mode) => {
    for (const after of [0, 10, 25, 40]) {
      const sortie = inMemorySortie({ behaviour: { commands: null } });
      const run = await sortie.submitGang(3, { retry: { on_events: ['error'], duration: 3_600 } });
      await sortie.pass(after * SECOND);
      await sortie.stop(run, mode);
      expect(await ended(sortie, run)).toMatchObject({ status: mode === 'abort' ? 'aborted' : 'terminated' });
    }
  });
});

describe('the rendezvous', () => {
  const { container } = task({ image: 'tools:1', container: { lifetime: 'persistent', name: 'tools' } });
  const runs = {
    state: 'running',
    id: 'c1',
    started_at: '2026-11-20T12:00:00Z',
    image_id: 'sha256:1',
    tagged_image_id: null,
    image: null,
    changed: [] as string[],
  } as const;

  it('refuses a persistent container that runs on some: all jobs fail with it, and nothing was begun', async () => {
    const sortie = inMemorySortie({ behaviour: { sighting: { state: 'absent' } } });
    sortie.nodes.set(1, () => ({ sighting: runs }));
    const run = await sortie.submitGang(3, { container, retry: { on_events: ['error'], duration: 3_600 } });
    const { status, message } = await ended(sortie, run);
    expect(status).toBe('failed');
    expect(message).toMatch(
      /^container tools runs on node 1 \(i-\w+\) but does not run on node 0 \(i-\w+\), node 2 \(i-\w+\)/,
    );
    expect(await pastOf(sortie, run)).toEqual(Array(3).fill(['creating_container_error']));
    expect(sortie.orders).toEqual([]);
  });

  it('attaches where it runs on all', async () => {
    const sortie = inMemorySortie({ behaviour: { sighting: runs } });
    const run = await sortie.submitGang(3, { container });
    expect(await ended(sortie, run)).toMatchObject({ status: 'done' });
    expect(sortie.orders[0]?.order).toMatchObject({ order: 'prepare', container: 'attach' });
  });

  it('says the same again, and takes no notice of a submission that is over', async () => {
    const sortie = inMemorySortie({ behaviour: { comes: 'stays away' } });
    const run = await sortie.submitGang(2);
    await sortie.until('told to start', async () =>
      (await jobsOf(sortie, run)).every(({ phase }) => phase.kind === 'assigned' && phase.sent !== null),
    );
    const report = async (id: string, part: Record<string, unknown>) => {
      const link = sortie.machines().flatMap((one) => one.submissions.get(id)?.bundleUrl ?? [])[0] ?? '';
      const token = sortie.bundles.fetch(link)?.token ?? '';
      return sortie.post(`/v1/submissions/${id}/report`, token, { at: '2026-11-20T12:00:30Z', ...part });
    };
    const arrived = (address: string) => ({ arrived: { address, sighting: null } });
    const prepared = { prepared: { at: '2026-11-20T12:00:30Z' } };
    expect(await report(`${run}-0-0`, arrived('a'))).toMatchObject({ gang: { order: 'wait' } });
    expect(await report(`${run}-0-0`, arrived('b'))).toMatchObject({ gang: { order: 'wait' } });
    const order = { gang: { order: 'prepare', container: null, nodes: ['a', 'c'] } };
    expect(await report(`${run}-1-0`, arrived('c'))).toMatchObject(order);
    expect(await report(`${run}-1-0`, arrived('c'))).toMatchObject(order);
    const commits = sortie.store.commits.length;
    expect(await report(`${run}-0-0`, arrived('a'))).toMatchObject(order);
    expect(sortie.store.commits).toHaveLength(commits);
    expect(await report(`${run}-0-0`, prepared)).toMatchObject({ gang: { order: 'wait' } });
    expect(await report(`${run}-1-0`, prepared)).toMatchObject({ gang: { order: 'go' } });
    expect(await report(`${run}-0-0`, prepared)).toMatchObject({ gang: { order: 'go' } });
    await sortie.stop(run, 'abort');
    expect(await report(`${run}-0-0`, prepared)).toMatchObject({
      stop: { mode: 'abort' },
      gang: { order: 'wait' },
    });
  });
});

describe('a setup that fails', () => {
  it('on one node: the others are heard and stopped, and the run names it', async () => {
    const sortie = inMemorySortie();
    sortie.nodes.set(1, () => ({ setupStatus: 3 }));
    const run = await sortie.submitGang(3);
    const { status, message } = await ended(sortie, run);
    expect(status).toBe('failed');
    expect(message).toMatch(/^node 1: exit status 3: setup failed on i-\w+$/);
    expect(await pastOf(sortie, run)).toEqual([
      ['terminated_by_server'],
      ['executor_error'],
      ['terminated_by_server'],
    ]);
    expect((await sortie.job(run, 0)).phase).toMatchObject({
      message: expect.stringMatching(/^node 1 \(i-\w+\) failed: exit status 3: setup failed/),
    });
    expect(sortie.orders.filter(({ order }) => order.order === 'go')).toEqual([]);
  });

  it('on two nodes, one much later: the run names both', async () => {
    const sortie = inMemorySortie();
    sortie.nodes.set(1, () => ({ setupStatus: 3 }));
    sortie.nodes.set(2, () => ({ setupStatus: 4, setup: 240 }));
    const run = await sortie.submitGang(3);
    const { message } = await ended(sortie, run);
    expect(message).toMatch(/^node 1: exit status 3: .*; node 2: exit status 4: /);
  });
});

describe('one node', () => {
  it('that fails has the others stopped; without a policy the run has failed', async () => {
    const sortie = inMemorySortie({ behaviour: { commands: null } });
    sortie.nodes.set(2, () => ({ commands: 30, status: 7 }));
    const run = await sortie.submitGang(3);
    const { status, message } = await ended(sortie, run);
    expect([status, message]).toEqual(['failed', 'node 2: exit status 7']);
    expect(await pastOf(sortie, run)).toEqual([
      ['terminated_by_server'],
      ['terminated_by_server'],
      ['container_exited_with_error'],
    ]);
  });

  it('that fails is tried again with all the others, as the policy says', async () => {
    const sortie = inMemorySortie();
    let failures = 2;
    sortie.nodes.set(1, () => ({
      get status() {
        return failures-- > 0 ? 1 : 0;
      },
    }));
    const run = await sortie.submitGang(3, { retry: { on_events: ['error'], duration: 3_600 } });
    expect(await ended(sortie, run)).toMatchObject({ status: 'done' });
    const past = await pastOf(sortie, run);
    expect(new Set(past.map(({ length }) => length)).size).toBe(1);
    expect(past[1]?.slice(0, -1)).toEqual(past[1]?.slice(0, -1).map(() => 'container_exited_with_error'));
  });

  it('that is lost while all run: the others are stopped, and all are tried again on an interruption', async () => {
    const sortie = inMemorySortie({ behaviour: { commands: 600 } });
    const run = await sortie.submitGang(3, { retry: { on_events: ['interruption'], duration: 3_600 } });
    await sortie.until('all run', running(sortie, run));
    sortie.world.end((await machineOf(sortie, run, 1))?.ec2 ?? '');
    expect(await ended(sortie, run)).toMatchObject({ status: 'done' });
    expect(await pastOf(sortie, run)).toEqual([
      ['terminated_by_server', 'done_by_runner'],
      ['interrupted_by_no_capacity', 'done_by_runner'],
      ['terminated_by_server', 'done_by_runner'],
    ]);
  });

  it('that is lost before all are there is placed again alone', async () => {
    const sortie = inMemorySortie();
    let away = true;
    sortie.nodes.set(1, () => ({ comes: away ? 'stays away' : 'comes' }));
    const run = await sortie.submitGang(3);
    await sortie.until('it has started', async () => sortie.starts.size === 3);
    away = false;
    sortie.world.end((await machineOf(sortie, run, 1))?.ec2 ?? '');
    expect(await ended(sortie, run)).toMatchObject({ status: 'done' });
    expect((await pastOf(sortie, run)).map(({ length }) => length)).toEqual([1, 2, 1]);
  });

  it('that is lost while all prepare takes all with it, whatever the policy: nothing has begun', async () => {
    const sortie = inMemorySortie({ behaviour: { setup: 60 } });
    const run = await sortie.submitGang(3);
    await sortie.until('all prepare', async () => sortie.orders.length === 3);
    sortie.world.end((await machineOf(sortie, run, 1))?.ec2 ?? '');
    expect(await ended(sortie, run)).toMatchObject({ status: 'done' });
    expect((await pastOf(sortie, run)).map(({ length }) => length)).toEqual([2, 2, 2]);
  });
});
