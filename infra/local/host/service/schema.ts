import * as z from 'zod';

/**
 * The part of serverless.yml that the host acts on. Strict: a setting that it would have to ignore is an error,
 * except those listed as `deployedOnly`, which have no meaning on one machine.
 * Source: osls 4.3.1, the schemas of `lib/plugins/aws/package/compile/events`.
 */
const deployedOnly = z.unknown().optional();
const seconds = z.number().int();

const httpApiEvent = z.union([
  z.string(),
  z.strictObject({
    method: z.string().optional(),
    path: z.string(),
    authorizer: z
      .union([z.string(), z.strictObject({ name: z.string(), type: z.literal('request').optional() })])
      .optional(),
  }),
]);

/** An ARN, or, where osls must be told since it is no text yet, an ARN with its type. */
const queueDestination = z
  .union([z.string(), z.strictObject({ arn: z.string(), type: z.literal('sqs') })])
  .transform((given) => (typeof given === 'string' ? given : given.arn));

const streamEvent = z.strictObject({
  type: z.literal('dynamodb').optional(),
  arn: z.string(),
  enabled: z.boolean().default(true),
  batchSize: z.number().int().min(1).max(10_000).default(10),
  batchWindow: seconds.min(0).max(300).default(0),
  parallelizationFactor: z.number().int().min(1).max(10).default(1),
  startingPosition: z.enum(['LATEST', 'TRIM_HORIZON']).default('TRIM_HORIZON'),
  maximumRetryAttempts: z.number().int().min(-1).max(10_000).default(-1),
  maximumRecordAgeInSeconds: seconds.min(-1).max(604_800).default(-1),
  bisectBatchOnFunctionError: z.boolean().default(false),
  functionResponseType: z.literal('ReportBatchItemFailures').optional(),
  filterPatterns: z.array(z.record(z.string(), z.unknown())).max(10).default([]),
  destinations: z.strictObject({ onFailure: queueDestination }).optional(),
});

const scheduleEvent = z.union([
  z.string(),
  z.strictObject({
    rate: z.union([z.string(), z.array(z.string())]),
    enabled: z.boolean().default(true),
    name: z.string().optional(),
    description: deployedOnly,
    method: deployedOnly,
    input: z.union([z.string(), z.record(z.string(), z.unknown())]).optional(),
  }),
]);

const eventBridgeEvent = z.strictObject({
  eventBus: z.string().default('default'),
  pattern: z.record(z.string(), z.unknown()),
  name: z.string().optional(),
  enabled: z.boolean().default(true),
  description: deployedOnly,
  // Both govern the hop from EventBridge to Lambda's queue, which cannot fail inside one process.
  retryPolicy: deployedOnly,
  deadLetterQueueArn: deployedOnly,
});

/** One schema per kind of event, chosen by its key, so that an error names the setting and not the union. */
export const eventSchemas = {
  httpApi: httpApiEvent,
  stream: streamEvent,
  schedule: scheduleEvent,
  eventBridge: eventBridgeEvent,
};

const environment = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({});

export const functionSchema = z.strictObject({
  handler: z.string().regex(/^[\w./-]+\.\w+$/, 'must be path/to/module.export'),
  name: z.string().optional(),
  environment,
  events: z.array(z.record(z.string(), z.unknown())).default([]),
  timeout: seconds.min(1).max(900).optional(),
  memorySize: z.number().int().optional(),
  reservedConcurrency: z.number().int().min(0).optional(),
  maximumRetryAttempts: z.number().int().min(0).max(2).default(2),
  maximumEventAge: seconds.min(60).max(21_600).default(21_600),
  destinations: z.strictObject({ onFailure: queueDestination }).optional(),
  onError: z.string().optional(),
  description: deployedOnly,
  role: deployedOnly,
  package: deployedOnly,
  runtime: deployedOnly,
  architecture: deployedOnly,
  tags: deployedOnly,
  logRetentionInDays: deployedOnly,
  dependsOn: deployedOnly,
  disableLogs: deployedOnly,
});

export const authorizerSchema = z.strictObject({
  type: z.literal('request'),
  name: z.string().optional(),
  functionName: z.string(),
  payloadVersion: z.literal('2.0'),
  enableSimpleResponses: z.literal(true),
  identitySource: z.union([z.string(), z.array(z.string())]).optional(),
  resultTtlInSeconds: seconds.min(0).max(3600).default(0),
});

/** Of `provider`, only what the host acts on is checked; the rest (roles, tags, logs…) is for the deployment. */
export const providerSchema = z.object({
  name: z.literal('aws'),
  region: z.string().optional(),
  stage: z.string().optional(),
  timeout: seconds.min(1).max(900).default(6),
  memorySize: z.number().int().default(1024),
  environment,
  httpApi: z
    .object({
      payload: z.literal('2.0').default('2.0'),
      authorizers: z.record(z.string(), authorizerSchema).default({}),
      cors: z.undefined({ error: 'the host does not answer CORS requests' }).optional(),
      id: z.undefined({ error: 'the host serves its own API, not an existing one' }).optional(),
    })
    .prefault({}),
});

/** What `resources` adds to the API's stage. */
export const stageSchema = z.object({
  extensions: z
    .object({
      HttpApiStage: z
        .object({
          Properties: z.object({
            RouteSettings: z.record(
              z.string(),
              z.strictObject({ ThrottlingRateLimit: z.number(), ThrottlingBurstLimit: z.number() }),
            ),
          }),
        })
        .optional(),
    })
    .optional(),
});

export type FunctionSettings = z.infer<typeof functionSchema>;
