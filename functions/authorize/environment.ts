import * as z from 'zod';
import { tokens } from '../../infra/environment/variables.ts';

export const Environment = z.object({ SORTIE_TOKENS: tokens });
