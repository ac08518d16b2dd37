import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import type { LocalDatabase } from '../database.ts';
import type { Buses } from '../eventbridge/buses.ts';
import { listen } from '../listen.ts';
import type { Queues } from '../sqs/queues.ts';
import { createAsynchronous } from './asynchronous.ts';
import { type LambdaFunction, lambdaFunction, type Outcome } from './functions/invoke.ts';
import { loadHandler } from './functions/load.ts';
import { openLogSink } from './functions/log-sink.ts';
import type { FunctionMetrics } from './functions/metrics.ts';
import { createGateway, type Gateway } from './http/gateway.ts';
import { gatewayMessage, send } from './http/response.ts';
import { runSchedules } from './schedules.ts';
import { deploy, type Service } from './service/deploy.ts';
import type { Deployment } from './service/deployment.ts';
import { openCheckpoints } from './streams/checkpoints.ts';
import { noFaults, type StreamFaults } from './streams/faults.ts';
import { runMapping } from './streams/mapping.ts';
import { streamsApi } from './streams/streams-api.ts';
import { defaultTimings, type Timings } from './timings.ts';
import { startTrimming } from './trimming.ts';

export type HostOptions = {
  service: Service;
  dataDir: string;
  database: LocalDatabase;
  queues: Queues;
  buses: Buses;
  /** Of the HTTP API; 0 takes any free port. The same API also answers on `innerPort`, when given. */
  port: number;
  innerPort?: number;
  /** Base URL of each local service by its AWS service id (`DYNAMODB`, `S3`…): the functions' `AWS_ENDPOINT_URL_*`. */
  endpoints: Readonly<Record<string, string>> & { DYNAMODB: string; SQS: string };
  credentials: { accessKeyId: string; secretAccessKey: string };
  /** Drops stream records up to a sequence number: given for an engine that never does it itself. */
  trimStream?: (table: string, sequence: string) => void;
  timings?: Partial<Timings>;
};

export type Host = {
  url: string;
  innerUrl: string | null;
  deployment: Deployment;
  /** Invokes a function at once, as `aws lambda invoke` does. */
  invoke(functionName: string, event: unknown): Promise<Outcome>;
  /** Fires a function's schedules now. False when it has none. */
  fire(functionName: string): boolean;
  faults: StreamFaults;
  /** `recordsUnderWay`: of each function's stream mappings, read and not yet done. */
  metrics(): { functions: Record<string, FunctionMetrics>; recordsUnderWay: Record<string, number> };
  /** Stops taking work, waits for what runs. What was accepted and not done is taken up by the next start. */
  close(): Promise<void>;
};

/**
 * Runs the functions of serverless.yml as Lambda, API Gateway and EventBridge would, in this process.
 * Throws where the file asks for what the host does not do, where a function does not load, or a port is taken.
 */
export async function startHost(options: HostOptions): Promise<Host> {
  const timings = { ...defaultTimings, ...options.timings };
  const log = openLogSink(join(options.dataDir, 'functions.log'));
  const opening = Promise.withResolvers<Gateway>();
  const front = await listen(frontDoor(opening.promise), options.port);
  const inner =
    options.innerPort === undefined ? null : await listen(frontDoor(opening.promise), options.innerPort);
  const undo: (() => Promise<void>)[] = [front.close, ...(inner ? [inner.close] : []), log.close];
  try {
    const { service } = options;
    const deployment = deploy(service, { apiUrl: front.url, sqsUrl: options.endpoints.SQS });
    setAwsEnvironment(options);
    const functions = new Map<string, LambdaFunction>();
    for (const definition of deployment.functions) {
      const handler = await loadHandler(definition, service.file, log);
      functions.set(definition.name, lambdaFunction(definition, handler, log));
    }
    const asynchronous = createAsynchronous({
      database: options.database,
      functions,
      timings,
      send: sendTo(options),
    });
    for (const rule of deployment.rules) {
      const target = (event: unknown) => asynchronous.enqueue(rule.function, event);
      options.buses.addRule({ bus: rule.bus, pattern: rule.pattern, target });
    }
    const faults = noFaults();
    const api = streamsApi({
      endpoint: options.endpoints.DYNAMODB,
      region: service.region,
      accessKeyId: options.credentials.accessKeyId,
    });
    const deadLetter = (arn: string, document: object) => sendTo(options)(arn, JSON.stringify(document));
    const checkpoints = openCheckpoints(options.database);
    const common = { api, checkpoints, deadLetter, faults, timings, region: service.region, log };
    const mappings = await Promise.all(
      deployment.mappings.map((mapping) =>
        runMapping(mapping, { ...common, target: known(functions, mapping.function) }),
      ),
    );
    const schedules = runSchedules({ ...deployment, timings, deliver: asynchronous.enqueue });
    const trimming = startTrimming({
      mappings: deployment.mappings,
      checkpoints,
      trim: options.trimStream ?? null,
    });
    asynchronous.start();
    opening.resolve(createGateway(deployment, functions, timings));
    return {
      url: front.url,
      innerUrl: inner?.url ?? null,
      deployment,
      invoke: (name, event) => known(functions, name).invoke(event, 'refuse'),
      fire: schedules.fire,
      faults,
      metrics: () => ({
        functions: Object.fromEntries([...functions].map(([name, one]) => [name, one.metrics()])),
        recordsUnderWay: Object.fromEntries(
          deployment.mappings.map((mapping, at) => [mapping.function, mappings[at]?.underWay() ?? 0]),
        ),
      }),
      async close() {
        schedules.close();
        trimming.close();
        await Promise.all([front.close(), inner?.close(), ...mappings.map((mapping) => mapping.close())]);
        await asynchronous.close();
        api.close();
        await log.close();
      },
    };
  } catch (cause) {
    opening.reject(cause);
    await Promise.all(undo.map((close) => close()));
    throw cause;
  }
}

/** The port answers from the start, since its number is in the functions' environment; requests wait until they are loaded. */
function frontDoor(opening: Promise<Gateway>): RequestListener {
  return (request, response) => {
    opening
      .then((gateway) => gateway(request, response))
      .catch((error: unknown) => {
        if (request.socket.destroyed) return;
        console.error('the HTTP API failed on', request.method, request.url, error);
        send(response, gatewayMessage(500, 'Internal Server Error'), '');
      });
  };
}

/** The SDK reads these whenever a client is first used: they are the process's, and the same for every function. */
function setAwsEnvironment({ service, endpoints, credentials }: HostOptions): void {
  Object.assign(process.env, {
    AWS_REGION: service.region,
    AWS_DEFAULT_REGION: service.region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  });
  delete process.env['AWS_SESSION_TOKEN'];
  delete process.env['AWS_PROFILE'];
  for (const [id, url] of Object.entries(endpoints)) process.env[`AWS_ENDPOINT_URL_${id}`] = url;
}

function sendTo({ queues }: HostOptions) {
  return (arn: string, body: string, attributes?: Record<string, string>): void => {
    const queue = arn.split(':').at(-1) ?? '';
    if (!arn.startsWith('arn:aws:sqs:') || queues.send(queue, body, attributes) === null) {
      throw new Error(`a failed event has nowhere to go: ${arn} is not a queue of this stack`);
    }
  };
}

function known(functions: ReadonlyMap<string, LambdaFunction>, name: string): LambdaFunction {
  const found = functions.get(name);
  if (!found) throw new Error(`there is no function ${name}; there are ${[...functions.keys()].join(', ')}`);
  return found;
}
