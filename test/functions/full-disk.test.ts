import { expect, it } from 'vitest';
import { MINUTE } from '../../domain/kernel/instant.ts';
import { inMemorySortie } from './in-memory-sortie.ts';
import { expectSound, finished } from './invariants.ts';

it('a machine that answers and where no job begins is ended, and the job begins on another', async () => {
  const sortie = inMemorySortie();
  const run = await sortie.submit();
  await sortie.until('launched', () => Promise.resolve(sortie.machines().length === 1));
  const ec2 = sortie.machines()[0]?.ec2 ?? '';
  sortie.world.faults.fullDisks = new Set([ec2]);
  await sortie.until('over', finished(sortie, run));
  expect((await sortie.job(run)).phase).toMatchObject({ status: 'done' });
  expect((await sortie.job(run)).past).toMatchObject([
    { status: 'failed', reason: 'instance_unreachable', started_at: null },
    { status: 'done' },
  ]);
  expect([...sortie.starts]).toEqual([[`${run}-0-1`, 1]]);
  await sortie.pass(2 * MINUTE);
  expect(sortie.world.machine(ec2).state).toBe('terminated');
  await expectSound(sortie);
});
