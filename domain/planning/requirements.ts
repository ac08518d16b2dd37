import * as z from 'zod';
import { CpuCredits } from './price.ts';

const inOrder = (range: { min: number | null; max: number | null }): boolean =>
  range.min === null || range.max === null || range.min <= range.max;

/** Inclusive on both ends; `null` leaves an end open. */
const Range = z
  .object({ min: z.number().nonnegative().nullable(), max: z.number().nonnegative().nullable() })
  .refine(inOrder, 'min is above max');
export type Range = z.infer<typeof Range>;

/** dstack's vendors. AWS's own accelerators (Trainium, Inferentia) are none of them: such types count as plain machines. */
const GpuVendor = z.enum(['nvidia', 'amd', 'google', 'intel', 'tenstorrent']);

/** What a job asks of each GPU. Memory in GB as the vendor sells it: see `nominalGib`. */
export const GpuRequest = z.object({
  vendor: GpuVendor.nullable(),
  name: z.array(z.string()).nullable(),
  count: Range,
  memory: Range.nullable(),
  total_memory: Range.nullable(),
  /** The lowest that will do, as [major, minor]; only NVIDIA GPUs have one. */
  compute_capability: z.tuple([z.int(), z.int()]).nullable(),
});
export type GpuRequest = z.infer<typeof GpuRequest>;

/** The normalised `resources` of a configuration, as stored in events. Sizes in GB, where 1 GB is 1,024 MiB, as dstack has it. */
export const Resources = z.object({
  cpu: z.object({ arch: z.enum(['x86', 'arm']).nullable(), count: Range }),
  memory: Range.nullable(),
  shm_size: z.number().nullable(),
  gpu: GpuRequest,
  disk: z.object({ size: Range }),
});
export type Resources = z.infer<typeof Resources>;

/** All that planning asks of a configuration. `max_price` in $/h, `max_duration` in seconds; `null`: no limit. */
export const Requirements = z
  .object({
    resources: Resources,
    spot_policy: z.enum(['spot', 'on-demand', 'auto']),
    max_price: z.number().positive().nullable(),
    regions: z.array(z.string()).nullable(),
    availability_zones: z.array(z.string()).nullable(),
    /** Exact names, in any case, without wildcards: as in dstack. */
    instance_types: z.array(z.string()).nullable(),
    max_duration: z.number().positive().nullable(),
    /** Ids of the only instances that will do. Not in what was stored before a run could name any. */
    instances: z.array(z.string()).nullable().default(null),
    /** Not in what was stored before it could be chosen. */
    cpu_credits: CpuCredits.default('standard'),
  })
  .meta({ id: 'Requirements' });
export type Requirements = z.infer<typeof Requirements>;
