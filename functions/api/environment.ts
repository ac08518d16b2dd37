import * as z from 'zod';
import { factor, fleetInstances, images, pairs, text, yesOrNo } from '../../infra/environment/variables.ts';

export const Environment = z.object({
  SORTIE_TABLE: text,
  SORTIE_BUCKET: text,
  SORTIE_SECRETS: text,
  SORTIE_BUS: text,
  SORTIE_LOG_GROUP: text,
  SORTIE_REGION: text,
  SORTIE_SUBNETS: pairs,
  SORTIE_IMAGES: images,
  SORTIE_PUBLIC_IPV4: yesOrNo,
  SORTIE_FLEET_INSTANCES: fleetInstances,
  SORTIE_PRICE_FACTOR: factor,
  SORTIE_DEAD_LETTERS: text,
  SORTIE_LONG_POLL_SECONDS: z.coerce.number().min(0).max(20),
});
