import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { PROJECT, run, temporaryFolder } from '../tools/process.ts';

const config = fileURLToPath(new URL('./vitest.config.ts', import.meta.url));

/** The adapters' tests, and those in which the deployed functions do everything that they do. */
const tests = [
  'test/infra/catalogue',
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
  'test/end-to-end/secrets.test.ts',
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

/** Every request of the AWS SDK in those tests. Throws with the output of vitest if a file of them did not run. */
export function recordedRequests(): Promise<Request[]> {
  made ??= record();
  return made;
}

const Results = z.object({
  testResults: z.array(
    z.object({ name: z.string(), message: z.string(), assertionResults: z.array(z.unknown()) }),
  ),
});

async function record(): Promise<Request[]> {
  const folder = temporaryFolder('requests');
  const results = join(temporaryFolder('results'), 'results.json');
  const vitest = join(PROJECT, 'node_modules/vitest/vitest.mjs');
  const reporter = ['--reporter=json', `--outputFile=${results}`];
  const { stdout, stderr } = await run(
    process.execPath,
    [vitest, 'run', '--config', config, '--retry=1', ...reporter, ...tests],
    { env: { SORTIE_RECORD_REQUESTS: folder } },
  );
  if (!existsSync(results)) throw new Error(`vitest left no results:\n${stdout}${stderr}`);
  // Whether the tests pass is for `npm test` to say.
  const { testResults } = Results.parse(JSON.parse(readFileSync(results, 'utf8')));
  for (const { name, message, assertionResults } of testResults)
    if (assertionResults.length === 0) throw new Error(`${name} did not run: ${message}`);
  return readdirSync(folder).flatMap((file) =>
    readFileSync(join(folder, file), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => Request.parse(JSON.parse(line))),
  );
}
