import * as z from 'zod';
import { describe } from './describe.ts';
import { type Blocks, blocksSpec } from './normalized.ts';
import { refuse } from './problem.ts';

/** Into how many equal parts an instance is cut, each a job's: `4`, or `auto` for as many as can be. */
export const blocks = z
  .unknown()
  .transform((written, ctx): Blocks => {
    const read = blocksSpec.safeParse(written);
    if (read.success) return read.data;
    const hint = 'write 1 for one job at a time on an instance, 4 for four, or auto for as many as can be';
    return refuse(ctx, `must be a whole number of at least 1, or \`auto\`, not ${describe(written)}`, hint);
  })
  .pipe(blocksSpec);
