import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { clockVariables } from '../../infra/clock.ts';
import { readEnvironment } from '../../infra/environment/read.ts';
import { systemRuntime } from '../../infra/runtime.ts';
import { Environment } from '../react/environment.ts';
import { onAws } from '../react/on-aws.ts';
import { sync } from './sync.ts';
import { metricsTeller } from './tell-metrics.ts';

const logger = new Logger({ serviceName: 'sync' });
const { on, accounts } = onAws(
  readEnvironment(Environment, process.env),
  systemRuntime(readEnvironment(clockVariables, process.env)),
  'function:sync',
  (error) => logger.warn('plans go by an older catalogue', { error }),
);
const metrics = metricsTeller(on, accounts);

/** Rung by the schedule, once a minute. Every part is tried; what failed is thrown together at the end, for the alarm. */
async function answer(_event: unknown, context: Context): Promise<void> {
  const failures = await sync(
    on,
    () => on.runtime.now() + context.getRemainingTimeInMillis() - 5_000,
    metrics.gauges,
  );
  await metrics.calls().catch((error: unknown) => failures.push({ part: 'metrics', error }));
  for (const { part, error } of failures)
    logger.error('a part of the sync failed', {
      part,
      error: error instanceof Error ? error : String(error),
    });
  if (failures.length > 0) throw new Error(`sync failed in: ${failures.map(({ part }) => part).join(', ')}`);
}

export const handler = middy(answer).use(injectLambdaContext(logger));
