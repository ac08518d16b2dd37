import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import type { LocalDatabase } from '../database.ts';
import type { Writes } from '../dynamodb/writes.ts';
import type { Buses } from '../eventbridge/buses.ts';
import { listen } from '../listen.ts';
import type { Queues } from '../sqs/queues.ts';
import { createAsynchronous } from './asynchronous.ts';
import { type LambdaFunction, lambdaFunction, type Outcome } from './functions/invoke.ts';
import { loadHandler } from './functions/load.ts';
import { type LogSink, openLogSink } from './functions/log-sink.ts';
import type { FunctionMetrics } from './functions/metrics.ts';
import { createSlots } from './functions/slots.ts';
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
  /** Of the tables, for who reads their streams; without, streams are asked many times a second. */
  writes?: Writes;
  timings?: Partial<Timings>;
  /** Executions at once of the whole account, and with it the throttles of the API's routes; without: any number. */
  concurrency?: number;
  /** Of every function, beside its own in serverless.yml. */
  environment?: Readonly<Record<string, string>>;
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
  const closers: (() => Promise<void> | void)[] = [];
  const close = async () => {
    for (const step of closers.splice(0).reverse()) await step();
  };
  const log = openLogSink(join(options.dataDir, 'functions.log'));
  closers.push(log.close);
  const opening = Promise.withResolvers<Gateway>();
  try {
    const front = await listen(frontDoor(opening.promise), options.port);
    closers.push(front.close);
    const inner =
      options.innerPort === undefined ? null : await listen(frontDoor(opening.promise), options.innerPort);
    if (inner) closers.push(inner.close);
    const { service, database } = options;
    const deployment = deploy(service, { apiUrl: inner?.url ?? front.url, sqsUrl: options.endpoints.SQS });
    setAwsEnvironment(options);
    const functions = await loadFunctions(deployment, options, log);
    const asynchronous = createAsynchronous({ database, functions, timings, send: sendTo(options) });
    closers.push(async () => {
      for (const one of functions.values()) one.windDown();
      await asynchronous.close();
    });
    for (const { function: name, bus, pattern } of deployment.rules) {
      options.buses.addRule({ bus, pattern, target: (event) => asynchronous.enqueue(name, event) });
    }
    const faults = noFaults();
    const { region } = service;
    const api = streamsApi({
      endpoint: options.endpoints.DYNAMODB,
      region,
      credentials: options.credentials,
    });
    closers.push(api.close);
    const deadLetter = (arn: string, document: object) => sendTo(options)(arn, JSON.stringify(document));
    const checkpoints = openCheckpoints(database);
    const underWay: Record<string, () => number> = {};
    for (const mapping of deployment.mappings) {
      const target = known(functions, mapping.function);
      const writes = options.writes ?? null;
      const ports = { api, target, checkpoints, deadLetter, faults, timings, region, log, writes };
      const running = await runMapping(mapping, ports);
      closers.push(running.close);
      underWay[mapping.function] = running.underWay;
    }
    const schedules = runSchedules({ ...deployment, timings, deliver: asynchronous.enqueue });
    closers.push(schedules.close);
    const trimming = startTrimming({
      mappings: deployment.mappings,
      checkpoints,
      trim: options.trimStream ?? null,
    });
    closers.push(trimming.close);
    asynchronous.start();
    opening.resolve(
      createGateway(
        deployment,
        functions,
        timings,
        options.concurrency === undefined ? 'unthrottled' : 'throttled',
      ),
    );
    return {
      url: front.url,
      innerUrl: inner?.url ?? null,
      deployment,
      invoke: (name, event) => known(functions, name).invoke(event, 'refuse'),
      fire: schedules.fire,
      faults,
      metrics: () => ({
        functions: Object.fromEntries([...functions].map(([name, one]) => [name, one.metrics()])),
        recordsUnderWay: Object.fromEntries(Object.entries(underWay).map(([name, count]) => [name, count()])),
      }),
      close,
    };
  } catch (cause) {
    // Nobody may be waiting at the door; whoever is gets a 500.
    opening.promise.catch(() => {});
    opening.reject(cause);
    await close();
    throw cause;
  }
}

async function loadFunctions(
  deployment: Deployment,
  { service, environment, concurrency }: HostOptions,
  log: LogSink,
): Promise<Map<string, LambdaFunction>> {
  const functions = new Map<string, LambdaFunction>();
  const account = createSlots(concurrency ?? Number.POSITIVE_INFINITY);
  for (const definition of deployment.functions) {
    const surrounded = { ...definition, environment: { ...definition.environment, ...environment } };
    const handler = await loadHandler(surrounded, service.file, log);
    functions.set(definition.name, lambdaFunction(definition, handler, log, account));
  }
  return functions;
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
