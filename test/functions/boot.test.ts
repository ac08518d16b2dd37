import { describe, expect, it } from 'vitest';
import { MINUTE, SECOND } from '../../domain/kernel/instant.ts';
import { inMemorySortie, type Sortie } from './in-memory-sortie.ts';
import { expectSound, finished } from './invariants.ts';

const phases = async (sortie: Sortie) => (await sortie.instances()).map(({ phase }) => phase.kind);

describe('an instance whose agent answers before user data has finished', () => {
  it('is not ready by that, and the job starts once on it when it is', async () => {
    const sortie = inMemorySortie({ behaviour: { boot: 5, userData: 150, ready: 'agent-only' } });
    const run = await sortie.submit();
    await sortie.pass(140 * SECOND);
    expect(await phases(sortie)).toEqual(['booting']);
    expect(sortie.told('Job')).not.toContain('StartSent');
    await sortie.until('over', finished(sortie, run));
    expect((await sortie.job(run)).phase).toMatchObject({ status: 'done' });
    expect([...sortie.starts]).toEqual([[`${run}-0-0`, 1]]);
    await expectSound(sortie);
  });

  it('shows what it is at, in `why` as well', async () => {
    const sortie = inMemorySortie({ behaviour: { boot: 5, userData: null } });
    const run = await sortie.submit();
    await sortie.pass(3 * MINUTE);
    expect((await sortie.instances())[0]?.phase).toMatchObject({ said: { message: 'installing' } });
    const { cause } = (await sortie.get(`/v1/runs/${run}/why`)) as { cause: { message: string } };
    expect(cause.message).toMatch(/is booting since \S+: installing; given up at/);
    expect(sortie.told('Instance').filter((type) => type === 'BootReported')).toHaveLength(1);
  });

  it('is given up when user data never finishes, and the job begins on another', async () => {
    const sortie = inMemorySortie({ behaviour: { boot: 5, userData: null } });
    const run = await sortie.submit();
    await sortie.until('launched', () => sortie.machines().length === 1);
    Object.assign(sortie.behaviour, { userData: 20 });
    await sortie.until('over', finished(sortie, run));
    expect((await sortie.job(run)).phase).toMatchObject({ status: 'done' });
    expect((await sortie.job(run)).past[0]).toMatchObject({
      reason: 'waiting_runner_limit_exceeded',
      started_at: null,
    });
    expect([...sortie.starts]).toEqual([[`${run}-0-1`, 1]]);
    await expectSound(sortie);
  });
});

it('an agent that registers a moment after user data has finished is waited for, not left to the next minute', async () => {
  const sortie = inMemorySortie({ behaviour: { boot: null, userData: 20 } });
  const { start } = sortie.on.commands;
  let tries = 0;
  Object.assign(sortie.on.commands, {
    start: (...command: Parameters<typeof start>) => {
      if (++tries === 5) sortie.world.register(command[0]);
      return start(...command);
    },
  });
  const run = await sortie.submit();
  await sortie.until('the start is sent', () => sortie.told('Job').includes('StartSent'));
  const at = (type: string) =>
    sortie.store.commits.find(({ events }) => events.some((event) => event.type === type))?.at ?? 0;
  expect(at('StartSent') - at('InstanceReady')).toBeLessThan(2 * SECOND);
  await sortie.until('over', finished(sortie, run));
  await expectSound(sortie);
});

describe('a machine that lacks what every job needs', () => {
  it('ends no job, and after the second it gets no other', async () => {
    const sortie = inMemorySortie({ instances: 2, behaviour: { lacks: 'cannot write the runner' } });
    const runs = [await sortie.submit(), await sortie.submit({ idle_duration: '1h' })];
    await sortie.until('a third launch', () => sortie.machines().length >= 3);
    Object.assign(sortie.behaviour, { lacks: null });
    for (const run of runs) {
      await sortie.until('over', finished(sortie, run));
      const { phase, past } = await sortie.job(run);
      expect(phase).toMatchObject({ status: 'done' });
      for (const one of past.slice(0, -1))
        expect(one).toMatchObject({
          started_at: null,
          message: 'its node could not start it: cannot write the runner',
        });
    }
    const failures = Map.groupBy(
      (await sortie.instances()).filter(({ failed_starts }) => failed_starts > 0),
      ({ failed_starts }) => failed_starts,
    );
    expect([...failures.keys()]).toEqual([2]);
    await sortie.pass(2 * MINUTE);
    await expectSound(sortie);
  });

  it('keeps a job that fails there once, and takes the next', async () => {
    const sortie = inMemorySortie({ behaviour: { lacks: 'no memory for a process' } });
    const run = await sortie.submit();
    await sortie.until('failed once', async () => (await sortie.job(run)).past.length === 1);
    Object.assign(sortie.behaviour, { lacks: null });
    await sortie.until('over', finished(sortie, run));
    expect((await sortie.job(run)).phase).toMatchObject({ status: 'done' });
    expect(sortie.machines()).toHaveLength(1);
    await expectSound(sortie);
  });
});
