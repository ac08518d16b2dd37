import { describe, expect, it } from 'vitest';
import type { Cloud } from '../../domain/instance/cloud.ts';
import { instanceId } from '../../domain/kernel/ids.ts';
import { MINUTE } from '../../domain/kernel/instant.ts';
import { memoryCloud } from '../fakes/memory-cloud.ts';
import { inMemorySortie, type Sortie } from './in-memory-sortie.ts';
import { expectSound, finished } from './invariants.ts';

/** EC2's listing shows this nonce on that machine from now on. */
function marked(sortie: Sortie, ec2: () => string | undefined, nonce: string | null) {
  const { list } = memoryCloud(sortie.world);
  const cloud = sortie.on.cloud as { list: Cloud['list'] };
  cloud.list = async () => (await list()).map((one) => (one.ec2 === ec2() ? { ...one, nonce } : one));
}

/** EC2's listing leaves these out from now on. */
function hidden(sortie: Sortie): Set<string> {
  const lacks = new Set<string>();
  const { list } = memoryCloud(sortie.world);
  const cloud = sortie.on.cloud as { list: Cloud['list'] };
  cloud.list = async () => (await list()).filter(({ ec2 }) => !lacks.has(ec2));
  return lacks;
}

const running = (sortie: Sortie, run: Parameters<Sortie['job']>[0]) => async () =>
  (await sortie.job(run)).phase.kind === 'running';

describe('a lost reply to RunInstances', () => {
  it('is made up for by the same call with the same token', async () => {
    const sortie = inMemorySortie();
    sortie.world.faults.lostReplies.launch = 1;
    const run = await sortie.submit();
    await sortie.until('done', finished(sortie, run));
    expect(sortie.machines()).toHaveLength(1);
    await expectSound(sortie);
  });

  it('is made up for by the listing, when no call gets through any more', async () => {
    const sortie = inMemorySortie();
    sortie.world.faults.lostReplies.launch = 1_000;
    const run = await sortie.submit();
    await sortie.until('done', finished(sortie, run));
    expect(sortie.machines()).toHaveLength(1);
    expect(sortie.store.commits.find(({ causation }) => causation === 'reconcile')?.events).toMatchObject([
      { type: 'InstanceLaunched' },
    ]);
    await expectSound(sortie);
  });
});

describe('an instance that EC2 does not find when it is to end', () => {
  it('is alive for all we know, keeps its place in the fleet, and is asked to end again', async () => {
    const sortie = inMemorySortie({ behaviour: { boot: 20 } });
    const cloud = sortie.on.cloud as { terminate: Cloud['terminate'] };
    const { terminate } = cloud;
    const run = await sortie.submit();
    await sortie.until('it runs', running(sortie, run));
    cloud.terminate = async () => 'gone';
    await sortie.stop(run, 'abort');
    await sortie.drain();
    expect((await sortie.instances())[0]?.phase.kind).toBe('terminating');
    expect((await sortie.fleet()).reservations).toHaveLength(1);
    cloud.terminate = terminate;
    await sortie.pass(3 * MINUTE);
    expect(sortie.machines()[0]?.state).toBe('terminated');
    await expectSound(sortie);
  });

  it('nor lists any more after the grace period is gone', async () => {
    const sortie = inMemorySortie();
    const cloud = sortie.on.cloud as { terminate: Cloud['terminate'] };
    const lacks = hidden(sortie);
    const run = await sortie.submit();
    await sortie.until('it runs', running(sortie, run));
    const ec2 = sortie.machines()[0]?.ec2 ?? '';
    cloud.terminate = async () => 'gone';
    lacks.add(ec2);
    sortie.world.end(ec2);
    await sortie.stop(run, 'abort');
    await sortie.pass(7 * MINUTE);
    expect((await sortie.instances())[0]?.phase).toMatchObject({
      kind: 'terminated',
      reason: 'aborted_by_user',
    });
    await expectSound(sortie);
  });
});

describe("EC2's listing against the record", () => {
  it('an instance that is missing once is still there', async () => {
    const sortie = inMemorySortie({ behaviour: { commands: 600 } });
    const lacks = hidden(sortie);
    const run = await sortie.submit();
    await sortie.until('it runs', running(sortie, run));
    lacks.add(sortie.machines()[0]?.ec2 ?? '');
    await sortie.pass(MINUTE);
    lacks.clear();
    await sortie.until('done', finished(sortie, run));
    expect(sortie.told('Instance')).toEqual(
      expect.arrayContaining(['InstanceMissed', 'InstanceSighted', 'InstanceReleased']),
    );
    expect((await sortie.job(run)).phase).toMatchObject({ status: 'done' });
    await expectSound(sortie);
  });

  it('an instance that is still missing after the grace period is gone, and its job interrupted', async () => {
    const sortie = inMemorySortie({ behaviour: { commands: null, reports: 'arrive' } });
    const lacks = hidden(sortie);
    const run = await sortie.submit();
    await sortie.until('it runs', running(sortie, run));
    const [machine] = sortie.machines();
    if (machine === undefined) throw new Error('no machine');
    lacks.add(machine.ec2);
    sortie.world.end(machine.ec2);
    await sortie.pass(4 * MINUTE);
    expect((await sortie.job(run)).phase.kind).toBe('running');
    await sortie.until('over', finished(sortie, run));
    expect((await sortie.job(run)).phase).toMatchObject({
      status: 'failed',
      reason: 'interrupted_by_no_capacity',
    });
    expect((await sortie.instances())[0]?.phase).toMatchObject({ kind: 'terminated', reason: 'vanished' });
    await expectSound(sortie);
  });

  it('an instance with our tag and no intent is ended', async () => {
    const sortie = inMemorySortie();
    const run = await sortie.submit();
    await sortie.until('done', finished(sortie, run));
    const [machine] = sortie.machines();
    if (machine === undefined) throw new Error('no machine');
    const instance = instanceId('01j0000000000000000000zzzz');
    const stray = sortie.world.add({ ...machine.intent, instance });
    await sortie.pass(2 * MINUTE);
    expect(stray.state).toBe('terminated');
    expect(machine.state).toBe('running');
    await expectSound(sortie);
  });

  it('a machine with the id of an intent and another nonce is not adopted, but ended', async () => {
    const sortie = inMemorySortie();
    sortie.world.faults.lostReplies.launch = 1_000;
    marked(sortie, () => sortie.machines()[0]?.ec2, 'not-it');
    await sortie.submit();
    await sortie.pass(2 * MINUTE);
    expect(sortie.machines()[0]?.state).toBe('terminated');
    expect(sortie.starts.size).toBe(0);
    expect(sortie.store.commits.filter(({ causation }) => causation === 'reconcile')).toEqual([]);
  });

  it('an instance that shows another nonce than it was launched with is told nothing more, and ended', async () => {
    const sortie = inMemorySortie({ behaviour: { commands: null } });
    const run = await sortie.submit();
    await sortie.until('it runs', running(sortie, run));
    const [machine] = sortie.machines();
    marked(sortie, () => machine?.ec2, 'not-it');
    await sortie.until('let go', async () => (await sortie.job(run)).past.length > 0);
    expect((await sortie.job(run)).past[0]?.message).toContain('another nonce');
    expect((await sortie.instances())[0]?.phase).toMatchObject({ reason: 'untrusted' });
    await sortie.drain();
    expect(machine?.state).toBe('terminated');
  });

  it('an instance whose nonce is not to be seen for a while is still there', async () => {
    const sortie = inMemorySortie({ behaviour: { commands: 600 } });
    const run = await sortie.submit();
    await sortie.until('it runs', running(sortie, run));
    let hiding = true;
    marked(sortie, () => (hiding ? sortie.machines()[0]?.ec2 : undefined), null);
    await sortie.pass(3 * MINUTE);
    hiding = false;
    await sortie.until('done', finished(sortie, run));
    expect((await sortie.job(run)).phase).toMatchObject({ status: 'done' });
    await expectSound(sortie);
  });

  it('a second machine for one intent is ended, the recorded one stays', async () => {
    const sortie = inMemorySortie({ behaviour: { commands: 300 } });
    const run = await sortie.submit();
    await sortie.until('it runs', running(sortie, run));
    const [machine] = sortie.machines();
    if (machine === undefined) throw new Error('no machine');
    const second = sortie.world.add(machine.intent);
    await sortie.pass(2 * MINUTE);
    expect([machine.state, second.state]).toEqual(['running', 'terminated']);
    await sortie.until('done', finished(sortie, run));
    await expectSound(sortie);
  });

  it('an instance that was ended by somebody else is gone at once, and its job interrupted', async () => {
    const sortie = inMemorySortie({ behaviour: { commands: null } });
    const run = await sortie.submit();
    await sortie.until('it runs', running(sortie, run));
    sortie.world.end(sortie.machines()[0]?.ec2 ?? '');
    await sortie.pass(MINUTE);
    expect((await sortie.job(run)).phase).toMatchObject({
      status: 'failed',
      reason: 'interrupted_by_no_capacity',
    });
    await expectSound(sortie);
  });

  it('an instance that was stopped by somebody else is ended, and its job interrupted', async () => {
    const sortie = inMemorySortie({ behaviour: { commands: null } });
    const run = await sortie.submit();
    await sortie.until('it runs', running(sortie, run));
    const [machine] = sortie.machines();
    if (machine === undefined) throw new Error('no machine');
    [machine.state, sortie.behaviour.reports] = ['stopped', 'lost'];
    await sortie.pass(2 * MINUTE);
    expect((await sortie.job(run)).phase).toMatchObject({ reason: 'interrupted_by_no_capacity' });
    expect(machine.state).toBe('terminated');
    await expectSound(sortie);
  });
});
