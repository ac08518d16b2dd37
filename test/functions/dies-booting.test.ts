import { expect, it } from 'vitest';
import { inMemorySortie } from './in-memory-sortie.ts';
import { expectSound, finished } from './invariants.ts';

it('a machine that ends while it boots says something of its kind: the next offer is tried before the same again', async () => {
  const sortie = inMemorySortie({ behaviour: { boot: 20 } });
  const run = await sortie.submit();
  await sortie.until('launched', () => Promise.resolve(sortie.machines().length === 1));
  const [first] = sortie.machines();
  sortie.world.end(first?.ec2 ?? '');
  await sortie.until('over', finished(sortie, run));
  expect((await sortie.job(run)).past).toMatchObject([{ started_at: null }, { status: 'done' }]);
  const [, second] = sortie.machines();
  expect(second?.intent.offer).not.toEqual(first?.intent.offer);
  await expectSound(sortie);
});
