import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import middy from '@middy/core';
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { clockVariables } from '../../infra/clock.ts';
import { dynamoClient } from '../../infra/dynamodb/client.ts';
import { dynamoTally } from '../../infra/dynamodb/tally.ts';
import { readEnvironment } from '../../infra/environment/read.ts';
import { eventBridgeBus } from '../../infra/eventbridge/bus.ts';
import { emf } from '../../infra/metrics/emf.ts';
import { systemRuntime } from '../../infra/runtime.ts';
import { sqsDeadLetters } from '../../infra/sqs/dead-letters.ts';
import { Environment } from './environment.ts';
import { publish } from './publish.ts';

const logger = new Logger({ serviceName: 'publish' });
const env = readEnvironment(Environment, process.env);
const region = env.SORTIE_REGION;
const { now } = systemRuntime(readEnvironment(clockVariables, process.env));
const on = {
  // Lambda tries again; a call that waits for three timeouts would leave no time for the letter.
  bus: eventBridgeBus({ region, bus: env.SORTIE_BUS }, { maxAttempts: 1 }),
  letters: sqsDeadLetters({ region, queue: env.SORTIE_DEAD_LETTERS }),
  tally: dynamoTally(dynamoClient(), env.SORTIE_TABLE),
  tell: emf(env.SORTIE_TABLE),
  now,
};

async function answer({ Records }: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> {
  const images = Records.map(
    ({ dynamodb }) => dynamodb?.NewImage as Record<string, AttributeValue> | undefined,
  );
  try {
    await publish(
      on,
      images.flatMap((image) => (image && 'events' in image ? [unmarshall(image)] : [])),
    );
    return { batchItemFailures: [] };
  } catch (error) {
    logger.error('commits were not published', { error: error instanceof Error ? error : String(error) });
    return { batchItemFailures: [{ itemIdentifier: Records[0]?.dynamodb?.SequenceNumber ?? '' }] };
  }
}

export const handler = middy(answer).use(injectLambdaContext(logger));
