import * as z from 'zod';

/** Named, as are the parts of a union: generators of clients make their own names twice. */
const CodeUploadRequest = z
  .object({
    url: z.string(),
    headers: z.record(z.string(), z.string()).meta({ id: 'CodeUploadHeaders' }),
  })
  .meta({
    id: 'CodeUploadRequest',
    description: 'A PUT with these headers stores it: exactly these bytes, within the hour',
  });

/** How an archive of a run's files comes into the bucket. */
export const CodeUpload = z
  .discriminatedUnion('state', [
    z.object({ state: z.literal('there') }),
    z.object({ state: z.literal('missing'), upload: CodeUploadRequest }),
  ])
  .meta({ id: 'CodeUpload' });
export type CodeUpload = z.infer<typeof CodeUpload>;
