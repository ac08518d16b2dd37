import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import middy from '@middy/core';
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { readCommit } from '../../infra/dynamodb/items.ts';
import { readEnvironment } from '../../infra/environment/read.ts';
import { eventBridgeBus } from '../../infra/eventbridge/bus.ts';
import { Environment } from './environment.ts';

const logger = new Logger({ serviceName: 'publish' });
const env = readEnvironment(Environment, process.env);
const bus = eventBridgeBus({ region: env.SORTIE_REGION, bus: env.SORTIE_BUS });

/** Every event of every commit onto the bus, in the order of the shard; docs/events.md has the envelope. */
async function publish({ Records }: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> {
  for (const { dynamodb } of Records) {
    const image = dynamodb?.NewImage as Record<string, AttributeValue> | undefined;
    if (!image || !('events' in image)) continue;
    try {
      await bus.publish([readCommit(unmarshall(image))]);
    } catch (error) {
      logger.error('a commit was not published', { error: error instanceof Error ? error : String(error) });
      return { batchItemFailures: [{ itemIdentifier: dynamodb?.SequenceNumber ?? '' }] };
    }
  }
  return { batchItemFailures: [] };
}

export const handler = middy(publish).use(injectLambdaContext(logger));
