import { describe, expect, it } from 'vitest';
import { HOUR, MINUTE } from '../../domain/kernel/instant.ts';
import type { DoorbellFaults } from './doorbell-queue.ts';
import { inMemorySortie } from './in-memory-sortie.ts';
import { expectSound, finished } from './invariants.ts';

const seeds = Array.from({ length: 50 }, (_, n) => n + 1);

/** Three runs, one of which fails and one of which is stopped, on a fleet with room for two. */
async function endState(seed: number, doorbells: Partial<DoorbellFaults>) {
  const sortie = inMemorySortie({ seed, doorbells, instances: 2, behaviour: { commands: 200 } });
  const fields = { idle_duration: '2m' };
  const runs = [await sortie.submit(fields), await sortie.submit(fields), await sortie.submit(fields)];
  const [first] = runs;
  if (first === undefined) throw new Error('no run');
  await sortie.until('the first runs', async () => (await sortie.job(first)).phase.kind === 'running');
  await sortie.stop(first, 'graceful');
  await sortie.until('all over', finished(sortie, ...runs), 2 * HOUR);
  await expectSound(sortie);
  await sortie.pass(10 * MINUTE);
  await expectSound(sortie);
  const ends = await Promise.all(runs.map((run) => sortie.job(run)));
  return {
    ends: ends.map(({ phase }) => (phase.kind === 'ended' ? [phase.status, phase.reason] : phase.kind)),
    submissions: ends.map(({ past }) => past.length),
    alive: sortie.machines().filter(({ state }) => state !== 'terminated').length,
    reserved: (await sortie.fleet()).reservations.length,
    secrets: sortie.bundles.keys().length,
  };
}

const expected = {
  ends: [
    ['terminated', 'terminated_by_user'],
    ['done', 'done_by_runner'],
    ['done', 'done_by_runner'],
  ],
  submissions: [1, 1, 1],
  alive: 0,
  reserved: 0,
};

describe('the same end is reached', () => {
  it.each(seeds)('with doorbells that ring twice or thrice: seed %i', async (seed) => {
    expect(await endState(seed, { duplicated: 0.5 })).toMatchObject(expected);
  });
  it.each(seeds)('with doorbells in any order: seed %i', async (seed) => {
    expect(await endState(seed, { order: 'shuffled' })).toMatchObject(expected);
  });
  it.each(seeds)('with half of all doorbells lost: seed %i', async (seed) => {
    expect(await endState(seed, { lost: 0.5 })).toMatchObject(expected);
  });
  it.each(seeds)('with all of it at once: seed %i', async (seed) => {
    const faults = { duplicated: 0.3, lost: 0.3, order: 'shuffled' } as const;
    expect(await endState(seed, faults)).toMatchObject(expected);
  });
  it('with no doorbell at all', async () => {
    expect(await endState(1, { lost: 1 })).toMatchObject(expected);
  });
});
