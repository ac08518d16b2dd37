import * as z from 'zod';
import type { ZodOpenApiOperationObject, ZodOpenApiResponseObject } from 'zod-openapi';
import { ConfigurationRequest } from '../../domain/api/plan.ts';
import { Problem } from '../../domain/api/problem.ts';
import { IdempotencyKey } from './runs.ts';

// What the operations of the OpenAPI document share.

export const RunPath = z.object({
  run: z.string().meta({
    description: "The run's id, the beginning of its id, or its name: the newest run's of that name",
  }),
});

export const FleetPath = z.object({ name: z.string().meta({ description: "The fleet's name" }) });

export const NameQuery = z.object({
  name: z
    .string()
    .optional()
    .meta({ description: "For a body in YAML: instead of the configuration's own name" }),
});

export const KeyHeader = IdempotencyKey.optional().meta({
  description: 'The same key again is the same run: a request whose answer was lost may be repeated',
});

/** A configuration in either form. */
export const configurationBody = {
  required: true,
  content: {
    'application/json': { schema: ConfigurationRequest },
    'application/yaml': {
      schema: z.string().meta({
        description: 'The run configuration itself',
        example: 'type: task\ncommands:\n  - echo hello\n',
      }),
    },
  },
};

/** A fleet's, likewise. */
export const fleetBody = {
  required: true,
  content: {
    'application/json': { schema: ConfigurationRequest },
    'application/yaml': {
      schema: z.string().meta({
        description: 'The configuration of the fleet itself',
        example: 'type: fleet\nname: small\nnodes: 0..4\n',
      }),
    },
  },
};

export const json = <S extends z.ZodType>(description: string, schema: S) => ({
  description,
  content: { 'application/json': { schema } },
});

const meanings = {
  400: 'The request is malformed',
  401: 'No token',
  403: 'The token is not one for this',
  404: 'There is no such thing',
  409: 'It conflicts with what is there',
  413: 'The body is too large',
  415: 'The body is neither JSON nor YAML',
  422: 'The configuration is invalid: `errors` has each field',
  500: 'Something went wrong; nothing is half-written, and the request may be sent again',
  503: 'There is none yet: try again later',
} as const;
type Refusal = keyof typeof meanings;

/** The problem documents of an operation; any may answer 500. */
export const problems = (statuses: readonly Exclude<Refusal, 500>[]) =>
  Object.fromEntries(
    [...statuses, 500 as const].map((status): [string, ZodOpenApiResponseObject] => [
      String(status),
      { description: meanings[status], content: { 'application/problem+json': { schema: Problem } } },
    ]),
  );

/** API Gateway's own words, where its authorizer lets nobody through. */
const GatewayRefusal = z.object({ message: z.string() }).meta({ id: 'GatewayRefusal' });

/** An operation behind the authorizer. */
export function forUsers({
  problems: statuses,
  responses,
  ...operation
}: ZodOpenApiOperationObject & {
  problems: readonly Exclude<Refusal, 401 | 403 | 500>[];
}): ZodOpenApiOperationObject {
  return {
    ...operation,
    responses: {
      ...responses,
      ...problems(statuses),
      401: json('No token was sent', GatewayRefusal),
      403: json('The token is none that this deployment knows', GatewayRefusal),
    },
  };
}
