import * as z from 'zod';
import { Offer } from './offer.ts';

/** Why an offer fell out, named for the field of the configuration that did it where there is one. In the order in which
 * they are asked, most lasting first: an offer falls out for the first that applies, and for that alone.
 *
 * | reason | the offer |
 * |---|---|
 * | instances | is none of those that the run names |
 * | not_launchable | takes a Dedicated Host (mac), or is 32-bit |
 * | instance_types, regions, availability_zones | is none of those asked for |
 * | no_subnet | is in a zone where this deployment has no subnet |
 * | placement | is of a type that EC2 takes into no cluster placement group, as the fleet wants |
 * | blocks | cannot be cut into as many equal parts as the fleet wants |
 * | spot_policy | is of the other market |
 * | architecture | has the wrong processor |
 * | gpu, cpu, memory, disk | has too little or too much of it; `asked` and `has` say which |
 * | image | boots from an image that neither the deployment nor its fleet has: a driver, mostly |
 * | max_price | is too dear |
 * | bare_metal | is bare metal that takes a quarter of an hour to boot: offered only to whoever names its type |
 * | cluster_zone | is not in the zone where the fleet has its instances, all in one placement group |
 * | cpu_credits | is idle, and slows down to its baseline where the run asked for `unlimited` |
 * | quota | would exceed a quota that EC2 refused lately |
 * | capacity | was refused for want of capacity lately |
 */
export const Reason = z.enum([
  'instances',
  'not_launchable',
  'instance_types',
  'regions',
  'availability_zones',
  'no_subnet',
  'placement',
  'blocks',
  'spot_policy',
  'architecture',
  'gpu',
  'cpu',
  'memory',
  'disk',
  'image',
  'max_price',
  'bare_metal',
  'cpu_credits',
  'cluster_zone',
  'quota',
  'capacity',
]);
export type Reason = z.infer<typeof Reason>;

/** What is missing of an offer: for people, in the configuration's own notation. */
const Shortfall = z.object({ reason: Reason, asked: z.string(), has: z.string() });
export type Shortfall = z.infer<typeof Shortfall>;

/** How many offers fell out for one reason, and the one that came nearest. */
export const Rejection = Shortfall.extend({ count: z.int().positive(), nearest: Offer });
export type Rejection = z.infer<typeof Rejection>;

/** An offer that does not fit, with everything that it lacks. */
export const NearOffer = z.object({ offer: Offer, missing: z.array(Shortfall) });
export type NearOffer = z.infer<typeof NearOffer>;
