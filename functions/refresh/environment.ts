import * as z from 'zod';
import { text } from '../../infra/environment/variables.ts';

export const Environment = z.object({
  SORTIE_BUCKET: text,
  SORTIE_REGION: text,
});
