import { expect, it, vi } from 'vitest';
import { clockVariables } from '../../infra/clock.ts';
import { readEnvironment } from '../../infra/environment/read.ts';

it('is the clock of the machine unless told otherwise', () => {
  expect(readEnvironment(clockVariables, {})).toEqual({ rate: 1, now: Date.now });
});

it('goes so many times as fast from its origin on', () => {
  const clock = readEnvironment(clockVariables, { SORTIE_CLOCK_RATE: '20', SORTIE_CLOCK_ORIGIN: '1000' });
  vi.spyOn(Date, 'now').mockReturnValue(1_500);
  expect(clock.now()).toBe(1_000 + 20 * 500);
  vi.restoreAllMocks();
});
