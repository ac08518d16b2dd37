import * as z from 'zod';
import { describe } from './describe.ts';
import { MOST_INSTANCES, SEVERAL_FLEETS } from './most-instances.ts';
import { type Nodes, nodesSpec } from './normalized.ts';
import { mustBe, readBy, refuse } from './problem.ts';
import { countRange } from './range.ts';

const count = z
  .int({ error: mustBe('a whole number of nodes') })
  .min(0, 'must be at least 0')
  .nullish()
  .transform((value) => value ?? null);

const fields = z.strictObject({ min: count, target: count, max: count });
export const NODE_FIELDS = Object.keys(fields.shape);

/** How many instances a fleet has: `2`, `0..4`, `1..`, or `{min, target, max}`. */
export const nodes = z
  .union([z.string(), z.number(), z.looseObject({})], {
    error: mustBe('a number of nodes such as 2 or 0..4, or a map of `min`, `target` and `max`'),
  })
  .transform((written, ctx): Nodes => {
    const read =
      typeof written === 'object'
        ? readBy(fields, written, ctx, 'inside')
        : { ...readBy(countRange, written, ctx, 'here'), target: null };
    if (ctx.issues.length > 0) return z.NEVER;
    const min = read.min ?? 0;
    const target = read.target ?? min;
    const { max } = read;
    if (max === 0)
      return refuse(ctx, 'a fleet of 0 nodes could run nothing', 'write 0..4, or a `max` above 0');
    if (target < min || (max !== null && max < target))
      return refuse(
        ctx,
        `min ${describe(min)}, target ${describe(target)} and max ${describe(max)} are not in order`,
        'min is the least, max the most',
      );
    if (Math.max(target, max ?? 0) > MOST_INSTANCES)
      return refuse(ctx, `a fleet has at most ${MOST_INSTANCES} nodes`, SEVERAL_FLEETS);
    return { min, target, max };
  })
  .pipe(nodesSpec);
