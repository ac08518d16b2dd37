import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import * as z from 'zod';
import { refreshCatalogue } from '../../domain/catalogue/refresh.ts';
import { ec2Region } from '../../infra/catalogue/ec2-region.ts';
import { shippedCatalogue } from '../../infra/catalogue/load.ts';
import { s3Shelf } from '../../infra/catalogue/s3-shelf.ts';
import { clockVariables } from '../../infra/clock.ts';
import { readEnvironment } from '../../infra/environment/read.ts';
import { systemRuntime } from '../../infra/runtime.ts';
import { Environment } from './environment.ts';

const env = readEnvironment(Environment, process.env);
const logger = new Logger({ serviceName: 'refresh' });
const region = env.SORTIE_REGION;
const on = {
  region,
  facts: ec2Region(region),
  shelf: s3Shelf({ region, bucket: env.SORTIE_BUCKET }),
  shipped: shippedCatalogue(region),
  runtime: systemRuntime(readEnvironment(clockVariables, process.env)),
};

/** Of the schedule's events nothing is read. An operator who has looked may have the incredible taken. */
const Order = z.looseObject({ beyondBelief: z.enum(['left', 'taken']).default('left') });

/** By the schedule, once an hour, and by `sortie deploy`. What failed is thrown together at the end, for the alarm. */
async function answer(event: unknown): Promise<{ readonly version: string | null }> {
  const { written, failures } = await refreshCatalogue(on, Order.parse(event ?? {}));
  if (written !== null) {
    const { types, priceAsOf, spotAsOf } = written.content;
    logger.info('the catalogue was refreshed', {
      ...{ version: written.version, types: types.length, priceAsOf, spotAsOf },
    });
  }
  for (const { part, error } of failures)
    logger.error('a part of the catalogue stays as it was', {
      part,
      error: error instanceof Error ? error : String(error),
    });
  if (failures.length > 0)
    throw new Error(
      failures
        .map(({ part, error }) => `${part}: ${error instanceof Error ? error.message : String(error)}`)
        .join('; '),
    );
  return { version: written?.version ?? null };
}

export const handler = middy(answer).use(injectLambdaContext(logger));
