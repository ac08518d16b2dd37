import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import middy from '@middy/core';
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { keyOf } from '../../domain/streams.ts';
import { dynamoClient } from '../../infra/dynamodb/client.ts';
import { readCommit, readObserved } from '../../infra/dynamodb/items.ts';
import { dynamoTally } from '../../infra/dynamodb/tally.ts';
import { readEnvironment } from '../../infra/environment/read.ts';
import { eventBridgeBus } from '../../infra/eventbridge/bus.ts';
import { emf } from '../../infra/metrics/emf.ts';
import { count } from './count.ts';
import { Environment } from './environment.ts';

const logger = new Logger({ serviceName: 'publish' });
const env = readEnvironment(Environment, process.env);
const bus = eventBridgeBus({ region: env.SORTIE_REGION, bus: env.SORTIE_BUS });
const metrics = { tally: dynamoTally(dynamoClient(), env.SORTIE_TABLE), tell: emf(env.SORTIE_TABLE) };

/** Every event of every commit onto the bus, in the order of the shard; docs/events.md has the envelope. */
async function publish({ Records }: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> {
  const images = Records.map(
    ({ dynamodb }) => dynamodb?.NewImage as Record<string, AttributeValue> | undefined,
  );
  try {
    const items = images.flatMap((image) => (image && 'events' in image ? [unmarshall(image)] : []));
    const commits = items.map(readCommit);
    await bus.publish(commits);
    await count(
      metrics,
      items.flatMap((item, n) => {
        const [observed, commit] = [readObserved(item), commits[n]];
        return observed && commit ? [{ ...observed, key: `${keyOf(commit.stream)}/${commit.version}` }] : [];
      }),
    );
    return { batchItemFailures: [] };
  } catch (error) {
    // The whole batch again: whoever listens knows an event that comes twice by its id.
    logger.error('commits were not published', { error: error instanceof Error ? error : String(error) });
    return { batchItemFailures: [{ itemIdentifier: Records[0]?.dynamodb?.SequenceNumber ?? '' }] };
  }
}

export const handler = middy(publish).use(injectLambdaContext(logger));
