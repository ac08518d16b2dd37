import * as z from 'zod';
import { text } from '../../infra/environment/variables.ts';

export const Environment = z.object({
  SORTIE_BUS: text,
  SORTIE_DEAD_LETTERS: text,
  SORTIE_REGION: text,
  SORTIE_TABLE: text,
});
