import * as z from 'zod';

/** What a node of a gang does next (docs/contracts.md). `nodes`: the addresses of all, by rank. */
export const GangOrder = z.discriminatedUnion('order', [
  z.object({ order: z.literal('wait') }),
  z.object({
    order: z.literal('prepare'),
    container: z.enum(['attach', 'launch']).nullable(),
    nodes: z.array(z.string()),
  }),
  z.object({ order: z.literal('go'), nodes: z.array(z.string()) }),
]);
export type GangOrder = z.infer<typeof GangOrder>;
