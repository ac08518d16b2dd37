import * as z from 'zod';
import {
  count,
  factor,
  fleetInstances,
  images,
  pairs,
  rate,
  text,
  yesOrNo,
} from '../../infra/environment/variables.ts';

/** For `react` and for `sync`, which heals by the same reactions. */
export const Environment = z.object({
  SORTIE_STAGE: text,
  SORTIE_TABLE: text,
  SORTIE_BUCKET: text,
  SORTIE_SECRETS: text,
  SORTIE_API_URL: text,
  SORTIE_DOCUMENT_PREFIX: text,
  SORTIE_REGION: text,
  SORTIE_NODE_PROFILE: text,
  SORTIE_SECURITY_GROUP: text,
  SORTIE_SUBNETS: pairs,
  SORTIE_IMAGES: images,
  SORTIE_PUBLIC_IPV4: yesOrNo,
  SORTIE_FLEET_INSTANCES: fleetInstances,
  SORTIE_CONCURRENT_LAUNCHES: count,
  SORTIE_LAUNCHES_PER_SECOND: rate,
  SORTIE_CLOUD_CALLS_PER_SECOND: rate,
  SORTIE_PRICE_FACTOR: factor,
  SORTIE_DEADMAN_SECONDS: count,
});
export type Environment = z.infer<typeof Environment>;
