import { setTimeout as pause } from 'node:timers/promises';
import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Runtime } from '../../domain/kernel/runtime.ts';
import { patiently } from './patience.ts';

const ofTheMachine: Pick<Runtime, 'pause' | 'random'> = {
  pause: (milliseconds) => pause(milliseconds, undefined),
  random: Math.random,
};

/**
 * A client of DynamoDB whose calls are made again while DynamoDB is busy (`patiently`). Region, credentials and endpoint come
 * from the environment, as the SDK reads it, unless `settings` has them.
 */
export function dynamoClient(settings: DynamoDBClientConfig = {}): DynamoDBDocumentClient {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient(settings), {
    marshallOptions: { removeUndefinedValues: true },
  });
  // Outermost: the SDK's own repeats come first, and each of ours is signed anew.
  client.middlewareStack.add((next) => (args) => patiently(() => next(args), ofTheMachine), {
    name: 'patience',
    step: 'initialize',
    priority: 'high',
  });
  return client;
}
