import type { Pattern } from '../event-pattern.ts';
import type { Tree } from './paths.ts';

/** What `serverless.yml` deploys, as the local host needs it: every variable and intrinsic evaluated. */
export type Deployment = {
  stackName: string;
  region: string;
  account: string;
  functions: FunctionDefinition[];
  routes: Route[];
  /** Of the API's routes, by their keys. */
  throttles: Readonly<Record<string, { burst: number; perSecond: number }>>;
  authorizers: Readonly<Record<string, Authorizer>>;
  mappings: StreamMapping[];
  schedules: Schedule[];
  rules: Rule[];
  tables: Tree[];
  queues: string[];
  buses: string[];
  buckets: string[];
  logGroups: { name: string; retentionDays: number | null }[];
  documents: { name: string; content: unknown; type: string; format: string }[];
};

export type FunctionDefinition = {
  /** The key under `functions`. */
  name: string;
  deployedName: string;
  arn: string;
  /** Module without its extension, relative to serverless.yml, and the name of the export. */
  module: string;
  exported: string;
  timeoutSeconds: number;
  memoryMb: number;
  environment: Readonly<Record<string, string>>;
  reservedConcurrency: number | null;
  /** For asynchronous invocations (schedules, EventBridge). */
  asynchronous: {
    retries: number;
    maximumAgeSeconds: number;
    onFailureArn: string | null;
    deadLetterArn: string | null;
  };
};

export type Route = {
  /** `GET /v1/runs/{run}` or `$default`, as `requestContext.routeKey` shows it. */
  key: string;
  function: string;
  authorizer: string | null;
};

export type Authorizer = {
  name: string;
  function: string;
  identitySources: string[];
  ttlSeconds: number;
};

export type StreamMapping = {
  id: string;
  function: string;
  table: string;
  batchSize: number;
  batchWindowSeconds: number;
  lanes: number;
  start: 'LATEST' | 'TRIM_HORIZON';
  /** -1: for ever. */
  retries: number;
  /** -1: as long as the stream keeps it. */
  maximumRecordAgeSeconds: number;
  onError: 'bisect' | 'retry-whole';
  response: 'whole-batch' | 'ReportBatchItemFailures';
  filters: Pattern[];
  onFailureArn: string | null;
};

export type Schedule = { name: string; function: string; everyMinutes: number; input: unknown };

export type Rule = { name: string; function: string; bus: string; pattern: Pattern };
