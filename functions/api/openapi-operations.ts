import * as z from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { FleetSummary, InstanceSummary } from '../../domain/api/instance.ts';
import { FleetOperation, InstanceOperation, OperationRequest } from '../../domain/api/operation.ts';
import { forUsers, json } from './openapi-parts.ts';

const InstancePath = z.object({
  id: z.string().meta({
    description: "The instance's id, EC2's, or the beginning of either if only one that is up has it",
  }),
});
const FleetPath = z.object({ name: z.string().meta({ description: 'The fleet' }) });
const requestBody = { required: false, content: { 'application/json': { schema: OperationRequest } } };

const toInstance: Record<InstanceOperation, string> = {
  run: 'Lets an instance take jobs again, and end when it has been idle for its time',
  hold: 'Keeps an instance: it takes no new job and does not end for being idle; its job goes on',
  drain: 'Ends an instance as soon as it has no job; it takes no new one',
  kill: 'Ends an instance now; its job is interrupted',
};
const toFleet: Record<FleetOperation, string> = {
  pause: 'Places no job and launches nothing; what runs goes on',
  resume: 'Takes jobs again',
  drain: 'Pauses the fleet and drains its instances',
  'terminate-all': 'Pauses the fleet and kills its instances',
};

const instancePaths: ZodOpenApiPathsObject = Object.fromEntries(
  InstanceOperation.options.map((operation) => [
    `/v1/instances/{id}/${operation}`,
    {
      post: forUsers({
        operationId: `${operation}Instance`,
        tags: ['instances'],
        summary: toInstance[operation],
        requestParams: { path: InstancePath },
        requestBody,
        responses: { 200: json('The instance as it is now', InstanceSummary) },
        problems: [400, 404, 409],
      }),
    },
  ]),
);

const fleetPaths: ZodOpenApiPathsObject = Object.fromEntries(
  FleetOperation.options.map((operation) => [
    `/v1/fleets/{name}/${operation}`,
    {
      post: forUsers({
        operationId: operation === 'terminate-all' ? 'terminateAll' : `${operation}Fleet`,
        tags: ['instances'],
        summary: toFleet[operation],
        requestParams: { path: FleetPath },
        requestBody,
        responses: { 202: json('The fleet; its instances hear of it in moments', FleetSummary) },
        problems: [400, 404, 409],
      }),
    },
  ]),
);

/** The operators' routes. */
export const operationPaths: ZodOpenApiPathsObject = { ...instancePaths, ...fleetPaths };
