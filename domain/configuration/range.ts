import * as z from 'zod';
import { describe } from './describe.ts';
import { memory } from './memory.ts';
import { type Range, range as rangeSpec } from './normalized.ts';
import { mustBe, readBy, refuse } from './problem.ts';

/** A whole number of things, from 0 up. */
const count = z
  .union([z.string(), z.number()], { error: mustBe('a whole number') })
  .transform((written, ctx) => {
    const number = typeof written === 'string' && /^\s*\d+\s*$/.test(written) ? Number(written) : written;
    const whole = typeof number === 'number' && Number.isSafeInteger(number) && number >= 0;
    return whole ? number : refuse(ctx, `${describe(written)} is not a whole number`);
  })
  .pipe(z.number());

/** `2`, `2..8`, `2..`, `..8`, or `{min, max}`. */
export const countRange = range(count, '2, 2..8, 2.. or ..8');

/** `16GB`, `16GB..64GB`, `16GB..`, `..64GB`, or `{min, max}`. */
export const memoryRange = range(memory, '16GB, 16GB..64GB, 16GB.. or ..64GB');

/** Writes a range back as the grammar reads it. */
export function formatRange({ min, max }: Range, unit: (end: number) => string = String): string {
  if (min !== null && min === max) return unit(min);
  return `${min === null ? '' : unit(min)}..${max === null ? '' : unit(max)}`;
}

function range(bound: z.ZodType<number>, examples: string) {
  const end = bound.nullish().transform((value) => value ?? null);
  const ends = z.strictObject({ min: end, max: end });
  return z
    .union([z.string(), z.number(), z.looseObject({})], {
      error: mustBe(`an amount or a range: ${examples}`),
    })
    .transform((written, ctx): Range => {
      const raw = typeof written === 'object' ? written : split(written);
      if (raw === null) return refuse(ctx, `${describe(written)} is not a range`, `write ${examples}`);
      const where = typeof written === 'object' ? 'inside' : 'here';
      const read =
        'only' in raw && where === 'here'
          ? same(readBy(bound, raw.only, ctx, where))
          : readBy(ends, raw, ctx, where);
      if (ctx.issues.length > 0) return z.NEVER;
      if (read.min === null && read.max === null) {
        return refuse(ctx, 'a range needs at least one end', `write ${examples}`);
      }
      if (read.min !== null && read.max !== null && read.min > read.max) {
        const shown = typeof written === 'object' ? `${read.min}..${read.max}` : String(written);
        return refuse(ctx, `the range ${describe(shown)} runs backwards`, 'the smaller end comes first');
      }
      return read;
    })
    .pipe(rangeSpec);
}

const same = (end: number): Range => ({ min: end, max: end });

function split(written: string | number): { only: string | number } | { min?: string; max?: string } | null {
  if (typeof written === 'number' || !written.includes('..')) return { only: written };
  const [min = '', max = '', ...rest] = written.replaceAll(' ', '').split('..');
  if (rest.length > 0) return null;
  return { ...(min === '' ? {} : { min }), ...(max === '' ? {} : { max }) };
}
