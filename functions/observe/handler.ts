import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { EventBridgeEvent } from 'aws-lambda';
import { clockVariables } from '../../infra/clock.ts';
import { dynamoClient } from '../../infra/dynamodb/client.ts';
import { dynamoEventStore } from '../../infra/dynamodb/event-store.ts';
import { readEnvironment } from '../../infra/environment/read.ts';
import { systemRuntime } from '../../infra/runtime.ts';
import { Environment } from './environment.ts';
import { Observation } from './observation.ts';
import { observe } from './observe.ts';

const { SORTIE_TABLE } = readEnvironment(Environment, process.env);
const logger = new Logger({ serviceName: 'observe' });
const on = {
  store: dynamoEventStore(dynamoClient(), SORTIE_TABLE),
  runtime: systemRuntime(readEnvironment(clockVariables, process.env)),
};

async function answer(event: EventBridgeEvent<string, unknown>): Promise<void> {
  await observe(on, event.id, Observation.parse(event));
}

export const handler = middy(answer).use(injectLambdaContext(logger));
