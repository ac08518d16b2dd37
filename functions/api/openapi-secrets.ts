import * as z from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { SecretChange, SecretList, SecretRequest } from '../../domain/api/secret.ts';
import { forUsers, json } from './openapi-parts.ts';
import { PageQuery } from './request.ts';

const SecretPath = z.object({ name: z.string().meta({ description: "The secret's name" }) });

/** The routes of secrets. */
export const secretPaths: ZodOpenApiPathsObject = {
  '/v1/secrets': {
    get: forUsers({
      operationId: 'listSecrets',
      tags: ['secrets'],
      summary: "The names of the project's secrets; nothing reads a value back",
      requestParams: { query: PageQuery },
      responses: { 200: json('A page of names', SecretList) },
      problems: [400],
    }),
    post: forUsers({
      operationId: 'setSecret',
      tags: ['secrets'],
      summary: 'Keeps a value that runs name as `${{ secrets.NAME }}`, in place of the one before',
      requestBody: { required: true, content: { 'application/json': { schema: SecretRequest } } },
      responses: {
        200: json('It has the new value, which submissions get from now on', SecretChange),
        201: json('It is kept', SecretChange),
      },
      problems: [400, 409, 413],
    }),
  },
  '/v1/secrets/{name}': {
    delete: forUsers({
      operationId: 'deleteSecret',
      tags: ['secrets'],
      summary: 'Deletes a secret; a run that names it fails when its next submission is prepared',
      requestParams: { path: SecretPath },
      responses: { 200: json('It is deleted', SecretChange) },
      problems: [404],
    }),
  },
};
