import * as z from 'zod';
import { CpuCredits, PriceParts } from './price.ts';

export const Market = z.enum(['spot', 'on-demand']);
export type Market = z.infer<typeof Market>;

/** `memory_mib` of each, as EC2 reports it (`nominalGib` has it as sold); `count` is 0 for a fraction of a GPU. */
const OfferGpu = z.object({
  vendor: z.string(),
  name: z.string(),
  count: z.int().nonnegative(),
  memory_mib: z.number().nonnegative(),
});

export const OfferResources = z
  .object({
    cpus: z.int().positive(),
    memory_mib: z.int().positive(),
    gpus: z.array(OfferGpu),
    /** The root volume: made as large as asked on launch, and as its image needs. */
    disk_gib: z.number().nonnegative(),
    arch: z.enum(['x86_64', 'arm64']),
  })
  .meta({ id: 'OfferResources' });
export type OfferResources = z.infer<typeof OfferResources>;

const place = {
  instance_type: z.string(),
  region: z.string(),
  zone: z.string(),
  spot: Market,
  /** $/h in all: instance, disk, address and CPU credits. Traffic and output come on top. */
  price: z.number().nonnegative(),
  resources: OfferResources,
  // Not in what was stored before the price was more than the instance's.
  /** `null`: `price` is the instance's alone. */
  price_parts: PriceParts.nullable().default(null),
  /** $/h in all of the same on demand; `null`: it is on demand, or not sold so. */
  on_demand_price: z.number().nonnegative().nullable().default(null),
  /** $/h that EC2 may come to charge for the instance on spot; `null`: it is on demand, or as much as on demand. */
  spot_max_price: z.number().nonnegative().nullable().default(null),
  /** Of a burstable type; `null`: it has none, or they are as the account has it. */
  cpu_credits: CpuCredits.nullable().default(null),
};

/** What an offer comes to once it is taken: the machine, where, and at which price. */
export const OfferTerms = z.object(place).meta({ id: 'OfferTerms' });
export type OfferTerms = z.infer<typeof OfferTerms>;

/** An instance to be launched, or one that stands idle. */
export const Offer = z
  .discriminatedUnion('availability', [
    z.object({
      ...place,
      availability: z.literal('idle'),
      instance: z.string(),
      /** Into how many blocks it is cut; a job gets as many of the free ones as it needs. */
      blocks: z
        .object({ total: z.int().positive(), free: z.int().positive() })
        .meta({ id: 'OfferBlocks' })
        .default({ total: 1, free: 1 }),
    }),
    z.object({ ...place, availability: z.enum(['available', 'not_available', 'no_quota']) }),
  ])
  .meta({ id: 'Offer' });
export type Offer = z.infer<typeof Offer>;
export type IdleOffer = Extract<Offer, { availability: 'idle' }>;
