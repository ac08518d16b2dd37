import * as z from 'zod';

/** RFC 9457, with the field paths of what is wrong with a body. */
export const Problem = z
  .object({
    type: z.string().meta({ description: 'What kind of problem: a URN that stays the same' }),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: 'What happened, and what to do next' }),
    errors: z
      .array(
        z.object({
          path: z.array(z.union([z.string(), z.int()])),
          message: z.string(),
          hint: z.string().optional(),
          line: z.int().optional(),
          column: z.int().optional(),
        }),
      )
      .optional(),
    /** Whatever else a program may want to know: the run that has the name, say. */
    run: z.string().optional(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof Problem>;
