import * as z from 'zod';

const time = z.string().meta({ description: 'ISO 8601, UTC', format: 'date-time' });

const DeadLetter = z
  .object({
    id: z.string(),
    function: z.enum(['react', 'publish', 'observe']).nullable().meta({ description: 'Who gave up' }),
    condition: z.string().nullable().meta({ description: "Why, in AWS's words" }),
    attempts: z.int().nullable(),
    at: time.meta({ description: 'When it was left here' }),
    stream: z
      .object({ shard: z.string(), from: z.string(), to: z.string(), records: z.int() })
      .nullable()
      .meta({ description: "Where the records are in the table's stream, which keeps them for 24 h" }),
    what: z.string(),
    next: z.string().meta({ description: 'What to do' }),
    body: z.string().meta({ description: 'As it lies in the queue' }),
  })
  .meta({ id: 'DeadLetter' });
export type DeadLetter = z.infer<typeof DeadLetter>;

export const DeadLetterList = z
  .object({
    letters: z.array(DeadLetter),
    more: z
      .enum(['none', 'maybe'])
      .meta({ description: '`maybe`: as many were found as are listed at most' }),
  })
  .meta({ id: 'DeadLetterList' });
export type DeadLetterList = z.infer<typeof DeadLetterList>;

export const RedriveRequest = z
  .object({
    letters: z.union([z.literal('all'), z.array(z.string().min(1).max(200)).min(1).max(100)], {
      error: 'must be `all` or a list of ids',
    }),
    action: z
      .enum(['redrive', 'discard'])
      .default('redrive')
      .meta({ description: '`discard`: removed without anything being done' }),
  })
  .meta({ id: 'RedriveRequest' });

export const Redriven = z
  .object({
    letters: z.array(
      z.object({
        id: z.string(),
        outcome: z
          .enum(['redriven', 'discarded', 'kept', 'not_there'])
          .meta({ description: '`not_there`: redriven before, or not among the letters found now' }),
        message: z.string(),
      }),
    ),
    more: z.enum(['none', 'maybe']),
  })
  .meta({ id: 'Redriven' });
export type Redriven = z.infer<typeof Redriven>;
