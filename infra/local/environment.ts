import * as z from 'zod';
import { readEnvironment } from '../environment/read.ts';

/** What a user may set for the embedded AWS. */
const Environment = z.object({
  /** Any DynamoDB but the embedded one: DynamoDB Local, say. */
  SORTIE_DYNAMODB_ENDPOINT: z.url().optional(),
  PATH: z.string().default('/usr/local/bin:/usr/bin:/bin'),
});

export const localEnvironment = () => readEnvironment(Environment, process.env);
