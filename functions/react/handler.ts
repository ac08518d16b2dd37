import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { keyOf } from '../../domain/streams.ts';
import { clockVariables } from '../../infra/clock.ts';
import { readEnvironment } from '../../infra/environment/read.ts';
import { systemRuntime } from '../../infra/runtime.ts';
import { doorbells } from './doorbells.ts';
import { Environment } from './environment.ts';
import { onAws } from './on-aws.ts';
import { react } from './reactor.ts';
import { tellCalls } from './tell-calls.ts';

const logger = new Logger({ serviceName: 'react' });
const { on, accounts } = onAws(
  readEnvironment(Environment, process.env),
  systemRuntime(readEnvironment(clockVariables, process.env)),
  'function:react',
  (error) => logger.warn('plans go by an older catalogue', { error }),
);

/** Rung by the table's stream. What fails is reported by its record; Lambda brings it again, a bounded number of times. */
async function answer(event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> {
  const rung = doorbells(event.Records);
  const failures = await react(
    on,
    rung.map(({ stream }) => ({ kind: 'visit', stream, ring: 'moved' })),
  );
  for (const { stream, error } of failures)
    logger.error('a reaction failed', {
      stream: keyOf(stream),
      error: error instanceof Error ? error : String(error),
    });
  await tellCalls(accounts, on.runtime.ulid()).catch((error: unknown) => {
    // What was done is done: for a count it is not done again.
    logger.error('calls of the cloud were not counted yet', {
      error: error instanceof Error ? error : String(error),
    });
  });
  const failed = new Set(failures.map(({ stream }) => keyOf(stream)));
  return {
    batchItemFailures: rung
      .filter(({ stream }) => failed.has(keyOf(stream)))
      .map(({ first }) => ({ itemIdentifier: first })),
  };
}

export const handler = middy(answer).use(injectLambdaContext(logger));
