import * as z from 'zod';
import { createDocument, type ZodOpenApiObject } from 'zod-openapi';
import { CodeUpload } from '../../domain/api/code.ts';
import { DeadLetterList, Redriven, RedriveRequest } from '../../domain/api/dead-letter.ts';
import { FleetDetail, FleetPlan } from '../../domain/api/fleet.ts';
import { FleetList, Health, InstanceList } from '../../domain/api/instance.ts';
import { OfferList, RunPlan } from '../../domain/api/plan.ts';
import { Queue } from '../../domain/api/queue.ts';
import { InstanceReport, NodeRequest, ReportAnswer, SubmissionReport } from '../../domain/api/report.ts';
import { EventList, LogList, RunDetail, RunList, StopRequest } from '../../domain/api/run.ts';
import { Why } from '../../domain/api/why.ts';
import { CodeArchive } from '../../domain/run/code.ts';
import { ApplyQuery } from './fleets.ts';
import { InstanceQuery } from './instances.ts';
import { operationPaths } from './openapi-operations.ts';
import {
  configurationBody,
  FleetPath,
  fleetBody,
  forUsers,
  json,
  KeyHeader,
  NameQuery,
  problems,
  RunPath,
} from './openapi-parts.ts';
import { secretPaths } from './openapi-secrets.ts';
import { OfferQuery } from './plans.ts';
import { ListQuery, PageQuery } from './request.ts';
import { EventQuery } from './run-events.ts';
import { LogQuery } from './run-logs.ts';

const FleetApplied = z.union([FleetDetail, FleetPlan]);

/** The OpenAPI 3.1 document of every route, made of the schemas that validate. Written to openapi.json at build time. */
export function openapi(version: string) {
  return createDocument(document(version), { override: closeTuple });
}

/** `items: false` is right of a tuple, and several readers of OpenAPI refuse it: `maxItems`, which is there, says the same. */
function closeTuple({ jsonSchema }: { readonly jsonSchema: { items?: unknown } }): void {
  if (jsonSchema.items === false) delete jsonSchema.items;
}

function document(version: string): ZodOpenApiObject {
  return {
    openapi: '3.1.1',
    info: {
      title: 'Sortie',
      version,
      description: 'Runs jobs on EC2 with nothing always on. Errors are RFC 9457 problem documents.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'Wherever this document was served' }],
    tags: [
      { name: 'runs' },
      { name: 'offers' },
      { name: 'instances' },
      { name: 'secrets' },
      { name: 'reports' },
      { name: 'service' },
    ],
    security: [{ token: [] }],
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: "A user's token, made with `sortie token`" },
        submission: {
          type: 'http',
          scheme: 'bearer',
          description: "The submission's own token, from its bundle; good for its reports alone",
        },
      },
    },
    paths: {
      '/v1/health': {
        get: {
          operationId: 'health',
          tags: ['service'],
          summary: 'Whether the API answers, and its version',
          security: [],
          responses: { 200: json('The API answers', Health) },
        },
      },
      '/v1/openapi.json': {
        get: {
          operationId: 'openapi',
          tags: ['service'],
          summary: 'This document',
          security: [],
          responses: { 200: json('This document', z.record(z.string(), z.unknown())) },
        },
      },
      '/v1/plans': {
        post: forUsers({
          operationId: 'plan',
          tags: ['runs'],
          summary: 'What a configuration would be given: a dry run, nothing is recorded',
          requestParams: { query: NameQuery },
          requestBody: configurationBody,
          responses: { 200: json('The ranked offers, and why the others fell out', RunPlan) },
          problems: [400, 415, 422],
        }),
      },
      '/v1/code': {
        post: forUsers({
          operationId: 'storeCode',
          tags: ['runs'],
          summary:
            'How to store the files of a run: a gzipped tar with the folders `work`, `home`, `root` and `repo-0`…',
          requestBody: { required: true, content: { 'application/json': { schema: CodeArchive } } },
          responses: { 200: json('Whether it is there, and else the request that stores it', CodeUpload) },
          problems: [400],
        }),
      },
      '/v1/runs': {
        post: forUsers({
          operationId: 'submit',
          tags: ['runs'],
          summary: 'Submits a run',
          requestParams: { query: NameQuery, header: z.object({ 'Idempotency-Key': KeyHeader }) },
          requestBody: configurationBody,
          responses: {
            200: json('The run that this Idempotency-Key submitted before', RunDetail),
            201: {
              ...json('The run as it was accepted', RunDetail),
              headers: z.object({ Location: z.string().meta({ description: '`/v1/runs/{id}`' }) }),
            },
          },
          problems: [400, 409, 415, 422],
        }),
        get: forUsers({
          operationId: 'listRuns',
          tags: ['runs'],
          summary: 'Runs, page by page',
          requestParams: { query: ListQuery },
          responses: { 200: json('A page of runs', RunList) },
          problems: [400],
        }),
      },
      '/v1/runs/{run}': {
        get: forUsers({
          operationId: 'run',
          tags: ['runs'],
          summary: 'A run with its jobs and all their submissions',
          requestParams: { path: RunPath },
          responses: { 200: json('The run', RunDetail) },
          problems: [404],
        }),
      },
      '/v1/runs/{run}/stop': {
        post: forUsers({
          operationId: 'stop',
          tags: ['runs'],
          summary: 'Stops a run: TERM and patience, or at once',
          requestParams: { path: RunPath },
          requestBody: { required: false, content: { 'application/json': { schema: StopRequest } } },
          responses: { 202: json('The run, stopping', RunDetail) },
          problems: [400, 404, 409],
        }),
      },
      '/v1/runs/{run}/events': {
        get: forUsers({
          operationId: 'events',
          tags: ['runs'],
          summary: "The run's story: its events, its jobs' and those of their instances, in order",
          requestParams: { path: RunPath, query: EventQuery },
          responses: { 200: json('A page of events, oldest first', EventList) },
          problems: [400, 404],
        }),
      },
      '/v1/runs/{run}/why': {
        get: forUsers({
          operationId: 'why',
          tags: ['runs'],
          summary: 'Why a run is as it is: the cause in a sentence, and the chain of events that led there',
          requestParams: { path: RunPath },
          responses: { 200: json('The cause and its chain', Why) },
          problems: [404],
        }),
      },
      '/v1/queue': {
        get: forUsers({
          operationId: 'queue',
          tags: ['runs'],
          summary: 'Jobs that wait, in the order in which they are served, and those promised an instance',
          responses: { 200: json('The queue', Queue) },
          problems: [],
        }),
      },
      '/v1/dead-letters': {
        get: forUsers({
          operationId: 'listDeadLetters',
          tags: ['service'],
          summary: 'What could not be handled, explained; at most 100',
          responses: { 200: json('The letters, oldest first', DeadLetterList) },
          problems: [],
        }),
      },
      '/v1/dead-letters/redrive': {
        post: forUsers({
          operationId: 'redrive',
          tags: ['service'],
          summary: 'Brings letters back to the normal path, and removes them once that is recorded',
          requestBody: { required: true, content: { 'application/json': { schema: RedriveRequest } } },
          responses: { 200: json('What became of each', Redriven) },
          problems: [400],
        }),
      },
      '/v1/runs/{run}/logs': {
        get: forUsers({
          operationId: 'logs',
          tags: ['runs'],
          summary: "A job's output, in order; a long poll with `wait`",
          requestParams: { path: RunPath, query: LogQuery },
          responses: { 200: json('What there is after `after`', LogList) },
          problems: [400, 404],
        }),
      },
      '/v1/offers': {
        get: forUsers({
          operationId: 'offers',
          tags: ['offers'],
          summary: 'Offers that fit, best first, in the notation of a configuration',
          requestParams: { query: OfferQuery },
          responses: { 200: json('The offers', OfferList) },
          problems: [400, 422],
        }),
      },
      '/v1/instances': {
        get: forUsers({
          operationId: 'listInstances',
          tags: ['instances'],
          summary: 'Instances, page by page',
          requestParams: { query: InstanceQuery },
          responses: { 200: json('A page of instances', InstanceList) },
          problems: [400],
        }),
      },
      '/v1/fleets': {
        get: forUsers({
          operationId: 'listFleets',
          tags: ['instances'],
          summary: 'Fleets with their limits, and what EC2 refused them lately',
          requestParams: { query: PageQuery },
          responses: { 200: json('A page of fleets', FleetList) },
          problems: [400],
        }),
        post: forUsers({
          operationId: 'applyFleet',
          tags: ['instances'],
          summary: 'Creates a fleet, or changes it in place; the same again changes nothing',
          requestParams: { query: ApplyQuery.extend(NameQuery.shape) },
          requestBody: fleetBody,
          responses: {
            200: json('The fleet, changed or as it was; with `dry_run` what would be done', FleetApplied),
            201: {
              ...json('The fleet as it was created', FleetDetail),
              headers: z.object({ Location: z.string().meta({ description: '`/v1/fleets/{name}`' }) }),
            },
          },
          problems: [400, 409, 415, 422],
        }),
      },
      '/v1/fleets/{name}': {
        get: forUsers({
          operationId: 'fleet',
          tags: ['instances'],
          summary: 'A fleet with its configuration, its instances and the runs that use it',
          requestParams: { path: FleetPath },
          responses: { 200: json('The fleet', FleetDetail) },
          problems: [404],
        }),
        delete: forUsers({
          operationId: 'deleteFleet',
          tags: ['instances'],
          summary: 'Deletes a fleet that no run uses: it takes no more runs, and its instances end',
          requestParams: { path: FleetPath },
          responses: { 202: json('The fleet, deleted or on its way there', FleetDetail) },
          problems: [404, 409],
        }),
      },
      ...operationPaths,
      ...secretPaths,
      '/v1/metrics': {
        get: forUsers({
          operationId: 'metrics',
          tags: ['service'],
          summary: "The project's metrics, for Prometheus to scrape; docs/metrics.md has every series",
          responses: {
            200: {
              description: "Prometheus' text format",
              content: { 'text/plain': { schema: z.string() } },
            },
          },
          problems: [],
        }),
      },
      '/v1/submissions/{id}/report': {
        post: {
          operationId: 'reportSubmission',
          tags: ['reports'],
          summary: "The runner's reports: start, output, exit; none of them is a heartbeat",
          security: [{ submission: [] }],
          requestParams: { path: z.object({ id: z.string().meta({ description: 'The submission' }) }) },
          requestBody: { required: true, content: { 'application/json': { schema: SubmissionReport } } },
          responses: {
            200: json('What the server has, and whether to stop', ReportAnswer),
            ...problems([400, 401, 403, 404, 413]),
          },
        },
      },
      '/v1/instances/{id}/report': {
        post: {
          operationId: 'reportInstance',
          tags: ['reports'],
          summary: 'How far an instance that boots is, with the nonce it was launched with',
          security: [],
          requestParams: { path: z.object({ id: z.string().meta({ description: 'The instance' }) }) },
          requestBody: { required: true, content: { 'application/json': { schema: InstanceReport } } },
          responses: { 200: json('Heard', z.object({})), ...problems([400, 403, 404, 413, 503]) },
        },
      },
      '/v1/instances/{id}/node': {
        post: {
          operationId: 'nodeForInstance',
          tags: ['reports'],
          summary: 'Where an instance that boots fetches Node, with the nonce it was launched with',
          security: [],
          requestParams: { path: z.object({ id: z.string().meta({ description: 'The instance' }) }) },
          requestBody: { required: true, content: { 'application/json': { schema: NodeRequest } } },
          responses: {
            200: {
              description:
                "A line each: its version, the gzipped executable's SHA-256 in hex, and a URL for it",
              content: { 'text/plain': { schema: z.string() } },
            },
            ...problems([400, 403, 404, 413, 503]),
          },
        },
      },
    },
  };
}
