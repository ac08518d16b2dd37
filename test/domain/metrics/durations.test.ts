import { expect, test } from 'vitest';
import { amountsOf } from '../../../domain/metrics/counters.ts';
import { durationFamilies } from '../../../domain/metrics/durations.ts';

const ready = (seconds: number) => ({ of: 'duration', duration: 'time_to_ready', seconds }) as const;
const family = (...seconds: number[]) => durationFamilies(amountsOf(seconds.map(ready)))[0];
const upTo = (le: number, shown: ReturnType<typeof family>) =>
  shown?.buckets.find((bucket) => bucket.le === le)?.count;

test('a time is in every bucket from the one where it belongs, its bound included', () => {
  const shown = family(20, 20.001, 25);
  expect([10, 20, 30, 600].map((le) => upTo(le, shown))).toEqual([0, 1, 3, 3]);
});

test('a time beyond the last bound is in the count and the sum alone', () => {
  const shown = family(601, 1);
  expect(upTo(600, shown)).toBe(1);
  expect(shown).toMatchObject({ count: 2, sum: 602 });
});

test('with nothing counted every bucket is there, with 0', () => {
  const shown = family();
  expect(shown).toMatchObject({ count: 0, sum: 0 });
  expect(shown?.buckets.map(({ count }) => count)).toEqual(shown?.buckets.map(() => 0));
});
