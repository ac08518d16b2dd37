import type { Range } from './requirements.ts';

/** How far a value lies outside a range: 0 inside, else the logarithm of the ratio, so that 4 for 8 is as far as 16 for 8. */
export function outside(value: number, range: Range): number {
  if (range.min !== null && value < range.min) return apart(range.min, value);
  if (range.max !== null && value > range.max) return apart(value, range.max);
  return 0;
}

/** Never 0, however close: 0 means that it fits. One is added since a machine may have none of what is asked. */
const apart = (more: number, less: number): number =>
  Math.max(Math.log((more + 1) / (less + 1)), Number.EPSILON);

/** As a configuration writes it: `8GB..`, `2..4`, `24GB`. */
export function rangeText({ min, max }: Range, unit = ''): string {
  if (min === max) return min === null ? 'any' : `${min}${unit}`;
  return `${min === null ? '' : `${min}${unit}`}..${max === null ? '' : `${max}${unit}`}`;
}
