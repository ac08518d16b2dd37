import * as z from 'zod';

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
    /** The root volume: made as large as asked on launch. Its price is EBS's and not in the offer's. */
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
  /** $/h, without disk and traffic. */
  price: z.number().nonnegative(),
  resources: OfferResources,
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
        .default({ total: 1, free: 1 }),
    }),
    z.object({ ...place, availability: z.enum(['available', 'not_available', 'no_quota']) }),
  ])
  .meta({ id: 'Offer' });
export type Offer = z.infer<typeof Offer>;
export type IdleOffer = Extract<Offer, { availability: 'idle' }>;
