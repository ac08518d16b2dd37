import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import { handle, type LambdaEvent } from 'hono/aws-lambda';
import { siteOf } from '../../infra/catalogue/load.ts';
import { s3Shelf } from '../../infra/catalogue/s3-shelf.ts';
import { catalogueSource } from '../../infra/catalogue/source.ts';
import { clockVariables } from '../../infra/clock.ts';
import { dynamoClient } from '../../infra/dynamodb/client.ts';
import { dynamoEventStore } from '../../infra/dynamodb/event-store.ts';
import { dynamoTally } from '../../infra/dynamodb/tally.ts';
import { readEnvironment } from '../../infra/environment/read.ts';
import { eventBridgeBus } from '../../infra/eventbridge/bus.ts';
import { cloudWatchLogs } from '../../infra/logs/logs.ts';
import { systemRuntime } from '../../infra/runtime.ts';
import { s3Bundles } from '../../infra/s3/bundles.ts';
import { s3CodeStore } from '../../infra/s3/code-store.ts';
import { s3NodeBuilds } from '../../infra/s3/node-builds.ts';
import { sqsDeadLetters } from '../../infra/sqs/dead-letters.ts';
import { newSshKeys } from '../../infra/ssh-keys.ts';
import { ssmSecrets } from '../../infra/ssm/secrets.ts';
import { app } from './app.ts';
import { Environment } from './environment.ts';

const env = readEnvironment(Environment, process.env);
const logger = new Logger({ serviceName: 'api' });
const runtime = systemRuntime(readEnvironment(clockVariables, process.env));
const region = env.SORTIE_REGION;
const dynamo = dynamoClient();
const zones = Object.keys(env.SORTIE_SUBNETS);

const routes = app(
  {
    store: dynamoEventStore(dynamo, env.SORTIE_TABLE),
    tally: dynamoTally(dynamo, env.SORTIE_TABLE),
    runtime,
    bundles: s3Bundles({ region, bucket: env.SORTIE_BUCKET }),
    code: s3CodeStore({ region, bucket: env.SORTIE_BUCKET }, runtime.now),
    secrets: ssmSecrets({ region, path: env.SORTIE_SECRETS }),
    nodeBuilds: s3NodeBuilds({ region, bucket: env.SORTIE_BUCKET }, runtime.now),
    newSshKeys,
    logs: cloudWatchLogs({ region, group: env.SORTIE_LOG_GROUP }, runtime),
    bus: eventBridgeBus({ region, bus: env.SORTIE_BUS }),
    deadLetters: sqsDeadLetters({ region, queue: env.SORTIE_DEAD_LETTERS }),
    catalogue: catalogueSource(
      { region, site: siteOf(env) },
      s3Shelf({ region, bucket: env.SORTIE_BUCKET }),
      runtime,
      (error) => logger.warn('plans go by an older catalogue', { error }),
    ),
    zones: zones.length > 0 ? zones : null,
    fleetInstances: env.SORTIE_FLEET_INSTANCES,
    priceFactor: env.SORTIE_PRICE_FACTOR,
    longPollSeconds: env.SORTIE_LONG_POLL_SECONDS,
    version: '0.1.0',
  },
  (error) =>
    logger.error('a request failed', { error: error instanceof Error ? error : new Error(String(error)) }),
);

/** A GET may have a body, which means nothing (RFC 9110, 9.3.1), and which `Request` throws at. */
function withoutBodyOfGet({ event }: { readonly event: LambdaEvent }): void {
  const { requestContext } = event;
  if (requestContext && 'http' in requestContext && requestContext.http.method === 'GET') event.body = null;
}

export const handler = middy(handle(routes)).use(injectLambdaContext(logger)).before(withoutBodyOfGet);
