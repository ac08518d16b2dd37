import { describe, expect, it } from 'vitest';
import type { Commands } from '../../domain/job/commands.ts';
import { attemptOf } from '../../domain/job/state.ts';
import { MINUTE } from '../../domain/kernel/instant.ts';
import { memoryCommands } from '../fakes/memory-commands.ts';
import { inMemorySortie, type Sortie } from './in-memory-sortie.ts';
import { expectSound, finished } from './invariants.ts';

const reason = 'looking at its disk';
const fields = { idle_duration: '2m' };

const told = (sortie: Sortie, order: string, instance = sortie.machines()[0]?.ec2 ?? '') =>
  sortie.post(`/v1/instances/${instance}/${order}`, null, { reason });
const toldFleet = (sortie: Sortie, order: string) =>
  sortie.post(`/v1/fleets/default/${order}`, null, { reason });
const phases = async (sortie: Sortie) => (await sortie.instances()).map(({ phase }) => phase.kind);
const runs = (sortie: Sortie, run: Parameters<Sortie['job']>[0]) => async () =>
  (await sortie.job(run)).phase.kind === 'running';

/** A run that is done, and its idle instance. */
async function idle() {
  const sortie = inMemorySortie();
  await sortie.until('done', finished(sortie, await sortie.submit(fields)));
  expect(await phases(sortie)).toEqual(['idle']);
  return sortie;
}

describe('an instance on hold', () => {
  it('outlives its idle_duration and takes no job, until it runs again', async () => {
    const sortie = await idle();
    expect(await told(sortie, 'hold')).toMatchObject({ status: 200 });
    await sortie.pass(30 * MINUTE);
    expect(await phases(sortie)).toEqual(['idle']);
    const next = await sortie.submit({ ...fields, idle_duration: '0s' });
    await sortie.until('done elsewhere', finished(sortie, next));
    expect(sortie.machines()).toHaveLength(2);
    await expectSound(sortie);

    expect(await told(sortie, 'run')).toMatchObject({ status: 200 });
    const last = await sortie.submit(fields);
    await sortie.until('done on it', finished(sortie, last));
    expect(sortie.machines()).toHaveLength(2);
    await sortie.pass(5 * MINUTE);
    expect(await phases(sortie)).toEqual(['terminated', 'terminated']);
    await expectSound(sortie);
  });

  it('hears from us, so that its dead-man timer does not end it', async () => {
    const sortie = await idle();
    const asked: string[] = [];
    const { touch } = memoryCommands(sortie.world);
    (sortie.on.commands as { touch: Commands['touch'] }).touch = async (ec2s) => {
      asked.push(...ec2s);
      return touch(ec2s);
    };
    await told(sortie, 'hold');
    await sortie.pass(12 * MINUTE);
    expect(asked.length).toBeGreaterThanOrEqual(3);
    expect(new Set(asked)).toEqual(new Set([sortie.machines()[0]?.ec2]));
  });
});

describe('a drained instance', () => {
  it('ends as soon as its job has', async () => {
    const sortie = inMemorySortie();
    const run = await sortie.submit({ idle_duration: '1h' });
    await sortie.until('it runs', runs(sortie, run));
    expect(await told(sortie, 'drain')).toMatchObject({ status: 200 });
    await sortie.until('done', finished(sortie, run));
    await sortie.pass(MINUTE);
    expect((await sortie.job(run)).phase).toMatchObject({ status: 'done' });
    expect((await sortie.instances())[0]?.phase).toMatchObject({
      kind: 'terminated',
      reason: 'ended_by_operator',
    });
    await expectSound(sortie);
  });

  it('that is idle ends at once, though no doorbell rings', async () => {
    const sortie = await idle();
    sortie.bells.dead = true;
    await told(sortie, 'drain');
    await sortie.pass(2 * MINUTE);
    expect(sortie.machines().map(({ state }) => state)).toEqual(['terminated']);
  });

  it('that boots serves the job it was launched for, and no other', async () => {
    const sortie = inMemorySortie();
    const run = await sortie.submit({ idle_duration: '1h' });
    await sortie.drain();
    expect(await phases(sortie)).toEqual(['booting']);
    await told(sortie, 'drain');
    await sortie.until('done', finished(sortie, run));
    expect((await sortie.job(run)).past).toMatchObject([{ submission: 0, status: 'done' }]);
    await sortie.pass(MINUTE);
    expect(await phases(sortie)).toEqual(['terminated']);
    await expectSound(sortie);
  });
});

describe('a killed instance', () => {
  it('that boots sends its job elsewhere', async () => {
    const sortie = inMemorySortie();
    const run = await sortie.submit(fields);
    await sortie.drain();
    await told(sortie, 'kill');
    await sortie.until('done', finished(sortie, run));
    const message = `its instance was killed by alice: ${reason}`;
    expect((await sortie.job(run)).past).toMatchObject([
      { submission: 0, reason: 'interrupted_by_no_capacity', message },
      { submission: 1, status: 'done' },
    ]);
    expect(sortie.machines().map(({ state }) => state)).toEqual(['terminated', 'running']);
    await expectSound(sortie);
  });

  it('interrupts a job that has begun, and says who did it', async () => {
    const sortie = inMemorySortie({ behaviour: { commands: null } });
    const run = await sortie.submit(fields);
    await sortie.until('it runs', runs(sortie, run));
    await told(sortie, 'kill');
    await sortie.until('interrupted', async () => (await sortie.job(run)).past.length > 0);
    expect((await sortie.job(run)).past).toMatchObject([
      { reason: 'interrupted_by_no_capacity', message: `its instance was killed by alice: ${reason}` },
    ]);
    await sortie.drain();
    expect(sortie.machines()[0]?.state).toBe('terminated');
  });

  it('whose launch is held back sends its job elsewhere, and ends once it is there', async () => {
    const sortie = inMemorySortie();
    let throttles = 1;
    sortie.world.faults.refuse = () =>
      throttles-- > 0 ? { kind: 'throttled', code: 'RequestLimitExceeded' } : 'no';
    const run = await sortie.submit(fields);
    await sortie.drain();
    const id = attemptOf(await sortie.job(run))?.instance ?? '';
    expect(await told(sortie, 'kill', id)).toMatchObject({ status: 200 });
    await sortie.until('done', finished(sortie, run));
    await sortie.pass(2 * MINUTE);
    expect(sortie.told('Instance', id)).toEqual(
      expect.arrayContaining(['KillRequested', 'InstanceTerminated']),
    );
    await expectSound(sortie);
  });
});

describe('an order to an instance', () => {
  it('given twice is answered alike and recorded once', async () => {
    const sortie = await idle();
    for (const order of ['hold', 'hold', 'run', 'run', 'kill', 'kill'])
      expect(await told(sortie, order), order).toMatchObject({ status: 200 });
    const orders = sortie.told('Instance').filter((type) => /Behavior|Kill/.test(type));
    expect(orders).toEqual(['IdleBehaviorSet', 'IdleBehaviorSet', 'KillRequested']);
  });

  it('is refused for what is no instance, and for one that is gone', async () => {
    const sortie = await idle();
    expect(await told(sortie, 'hold', 'i-0123456789abcdef0')).toMatchObject({ status: 404 });
    expect(await told(sortie, 'hold', 'x'.repeat(3_000))).toMatchObject({ status: 404 });
    expect(await told(sortie, 'hold', 'i-00000')).toMatchObject({ status: 200 });
    await told(sortie, 'run');
    await sortie.pass(5 * MINUTE);
    expect(await phases(sortie)).toEqual(['terminated']);
    expect(await told(sortie, 'hold')).toMatchObject({ status: 409 });
    expect(await told(sortie, 'kill')).toMatchObject({ status: 409 });
  });

  it('has a reason of one line, and none may do', async () => {
    const sortie = await idle();
    const hold = (body: Record<string, unknown>) =>
      sortie.post(`/v1/instances/${sortie.machines()[0]?.ec2}/hold`, null, body);
    for (const wrong of ['', 'x'.repeat(201), 'a\nb', 7])
      expect(await hold({ reason: wrong }), String(wrong)).toMatchObject({ status: 400 });
    expect(await hold({})).toMatchObject({ status: 200 });
  });

  it('names one instance: a beginning that several have is refused', async () => {
    const sortie = inMemorySortie({ behaviour: { commands: null } });
    const [a, b] = [await sortie.submit(), await sortie.submit()];
    await sortie.until('both run', async () => (await runs(sortie, a)()) && (await runs(sortie, b)()));
    expect(await told(sortie, 'hold', 'i-00000')).toMatchObject({ status: 409 });
  });
});

describe('a paused fleet', () => {
  it('places nothing and says who wants it so; what runs goes on; resumed, it serves who waited', async () => {
    const sortie = inMemorySortie({ behaviour: { commands: 300 } });
    const before = await sortie.submit();
    await sortie.until('it runs', runs(sortie, before));
    expect(await toldFleet(sortie, 'pause')).toMatchObject({ status: 202 });
    const waits = await sortie.submit();
    await sortie.drain();
    const message = `fleet default is paused by alice: ${reason}`;
    expect((await sortie.job(waits)).phase).toMatchObject({
      kind: 'waiting',
      wait: { kind: 'paused', message },
    });
    await sortie.until('done', finished(sortie, before));
    await sortie.pass(3 * MINUTE);
    expect((await sortie.job(waits)).phase.kind).toBe('waiting');
    expect(sortie.machines()).toHaveLength(1);

    await toldFleet(sortie, 'resume');
    await sortie.drain();
    expect((await sortie.job(waits)).phase.kind).not.toBe('waiting');
    await sortie.until('done', finished(sortie, waits));
    await expectSound(sortie);
  });

  it('tells those who wait already', async () => {
    const sortie = inMemorySortie({ instances: 1, behaviour: { commands: 300 } });
    await sortie.submit();
    const waits = await sortie.submit();
    await sortie.drain();
    expect((await sortie.job(waits)).phase).toMatchObject({ wait: { kind: 'fleet_limit' } });
    await toldFleet(sortie, 'pause');
    await sortie.drain();
    expect((await sortie.job(waits)).phase).toMatchObject({ wait: { kind: 'paused' } });
  });
});

describe('an order to all of a fleet', () => {
  async function two() {
    const sortie = inMemorySortie({ behaviour: { commands: 300 } });
    const all = [await sortie.submit({ idle_duration: '1h' }), await sortie.submit({ idle_duration: '1h' })];
    await sortie.until('both run', async () =>
      (await Promise.all(all.map((run) => runs(sortie, run)()))).every(Boolean),
    );
    return { sortie, all };
  }

  it('to drain lets the jobs end, and the instances with them', async () => {
    const { sortie, all } = await two();
    expect(await toldFleet(sortie, 'drain')).toMatchObject({ status: 202 });
    await sortie.until('done', finished(sortie, ...all));
    await sortie.pass(2 * MINUTE);
    for (const run of all) expect((await sortie.job(run)).phase).toMatchObject({ status: 'done' });
    expect(await phases(sortie)).toEqual(['terminated', 'terminated']);
    expect(sortie.told('Fleet').at(-1)).not.toBe('LaunchReserved');
    await expectSound(sortie);
  });

  it('to terminate ends every instance now, and reaches them though no doorbell rings', async () => {
    const { sortie, all } = await two();
    sortie.bells.dead = true;
    expect(await toldFleet(sortie, 'terminate-all')).toMatchObject({ status: 202 });
    await sortie.pass(5 * MINUTE);
    expect(sortie.machines().map(({ state }) => state)).toEqual(['terminated', 'terminated']);
    for (const run of all)
      expect((await sortie.job(run)).past[0]).toMatchObject({
        reason: 'interrupted_by_no_capacity',
        message: `its instance was killed by alice: fleet default: ${reason}`,
      });
    await expectSound(sortie);
  });

  it('is refused where there is no such fleet', async () => {
    const sortie = inMemorySortie();
    expect(await toldFleet(sortie, 'pause')).toMatchObject({ status: 404 });
    expect(await sortie.post('/v1/fleets/X/pause', null, {})).toMatchObject({ status: 404 });
  });
});
