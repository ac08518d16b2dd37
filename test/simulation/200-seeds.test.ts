import { expect, it } from 'vitest';
import { throughSeeds } from './through-seeds.ts';

it('keeps its promises through 200 seeds of trouble', async () => {
  expect(await throughSeeds(200)).toBe('');
});
