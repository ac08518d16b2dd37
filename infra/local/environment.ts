import * as z from 'zod';
import { readEnvironment } from '../environment/read.ts';

/** What a user may set for the embedded AWS. */
const Environment = z.object({
  /** Any DynamoDB but the embedded one: DynamoDB Local, say. */
  SORTIE_DYNAMODB_ENDPOINT: z.url().optional(),
  PATH: z.string().default('/usr/local/bin:/usr/bin:/bin'),
  /** Where the user's own `docker` looks: a rootless engine, or one in a virtual machine. */
  DOCKER_HOST: z.string().default(''),
});

/** What instances have of the environment that the embedded AWS was started in. */
export interface Inherited {
  /** Comes after their own `bin`. */
  readonly PATH: string;
  readonly DOCKER_HOST?: string;
}

/** `npm start` puts these before the user's own: Sortie's packages are no part of an instance. */
const NPMS_OWN = /\/node_modules\/(?:\.bin|.*node-gyp-bin)$/;

export const inheritedOf = ({ PATH, DOCKER_HOST }: z.infer<typeof Environment>): Inherited => ({
  PATH: PATH.split(':')
    .filter((folder) => !NPMS_OWN.test(folder))
    .join(':'),
  ...(DOCKER_HOST !== '' && { DOCKER_HOST }),
});

export const localEnvironment = () => readEnvironment(Environment, process.env);
