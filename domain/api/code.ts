import * as z from 'zod';

/** How an archive of a run's files comes into the bucket. */
export const CodeUpload = z
  .discriminatedUnion('state', [
    z.object({ state: z.literal('there') }),
    z.object({
      state: z.literal('missing'),
      upload: z
        .object({ url: z.string(), headers: z.record(z.string(), z.string()) })
        .meta({ description: 'A PUT with these headers stores it: exactly these bytes, within the hour' }),
    }),
  ])
  .meta({ id: 'CodeUpload' });
export type CodeUpload = z.infer<typeof CodeUpload>;
