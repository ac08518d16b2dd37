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
  const images = Records.map(
    ({ dynamodb }) => dynamodb?.NewImage as Record<string, AttributeValue> | undefined,
  );
  try {
    await bus.publish(
      images.flatMap((image) => (image && 'events' in image ? [readCommit(unmarshall(image))] : [])),
    );
    return { batchItemFailures: [] };
  } catch (error) {
    // The whole batch again: whoever listens knows an event that comes twice by its id.
    logger.error('commits were not published', { error: error instanceof Error ? error : String(error) });
    return { batchItemFailures: [{ itemIdentifier: Records[0]?.dynamodb?.SequenceNumber ?? '' }] };
  }
}

export const handler = middy(publish).use(injectLambdaContext(logger));
