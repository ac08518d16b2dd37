import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { must, PROJECT, temporaryFolder } from '../tools/process.ts';

const config = fileURLToPath(new URL('./vitest.config.ts', import.meta.url));

/** The adapters' tests, and those in which the deployed functions do everything that they do. */
const tests = [
  'test/infra/dynamodb',
  'test/infra/ec2',
  'test/infra/eventbridge',
  'test/infra/logs',
  'test/infra/s3',
  'test/infra/sqs',
  'test/infra/ssm',
  'test/end-to-end/a-run.test.ts',
  'test/end-to-end/dead-letters.test.ts',
  'test/end-to-end/stopping.test.ts',
  'test/end-to-end/the-cloud.test.ts',
  'test/end-to-end/metrics.test.ts',
  'test/end-to-end/cluster.test.ts',
];

const Request = z.object({
  /** The Lambda function whose client sent it, as it is deployed; null: a client of the test's own. */
  by: z.string().nullable(),
  service: z.string(),
  operation: z.string(),
  input: z.record(z.string(), z.unknown()),
});
export type Request = z.infer<typeof Request>;

let made: Promise<Request[]> | undefined;

/** Every request of the AWS SDK in those tests, which have to pass. */
export function recordedRequests(): Promise<Request[]> {
  made ??= record();
  return made;
}

async function record(): Promise<Request[]> {
  const folder = temporaryFolder('requests');
  const vitest = join(PROJECT, 'node_modules/vitest/vitest.mjs');
  await must(process.execPath, [vitest, 'run', '--config', config, '--retry=1', '--reporter=dot', ...tests], {
    env: { SORTIE_RECORD_REQUESTS: folder },
  });
  return readdirSync(folder).flatMap((file) =>
    readFileSync(join(folder, file), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => Request.parse(JSON.parse(line))),
  );
}
