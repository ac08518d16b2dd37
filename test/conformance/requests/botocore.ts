import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import type { Check } from '../check.ts';
import { must } from '../tools/process.ts';
import { pinned, pythonPrograms } from '../tools/python.ts';
import { type Request, recordedRequests } from './recorded.ts';

const program = fileURLToPath(new URL('./validate.py', import.meta.url));

/** Botocore's names of the services whose clients Sortie has. */
const services: Readonly<Record<string, string>> = {
  CloudWatchLogs: 'logs',
  DynamoDB: 'dynamodb',
  EC2: 'ec2',
  EventBridge: 'events',
  Pricing: 'pricing',
  S3: 's3',
  SQS: 'sqs',
  SSM: 'ssm',
};

const Answer = z.object({
  requests: z.number(),
  operations: z.array(z.string()),
  findings: z.array(z.string()),
});

const start = { service: 'SSM', operation: 'SendCommand', by: null };

/** Of each kind of fault one, which the models have to refuse. */
const planted: readonly Request[] = [
  { ...start, input: {} },
  { ...start, input: { DocumentName: 'no spaces in names' } },
  { ...start, input: { DocumentName: 'start-job', Instances: ['i-0123456789abcdef0'] } },
  { ...start, input: { DocumentName: 'start-job', TimeoutSeconds: 10 } },
  { ...start, input: { DocumentName: 'start-job', TimeoutSeconds: '60' } },
  { ...start, input: { DocumentName: 'start-job', InstanceIds: Array(51).fill('i-0123456789abcdef0') } },
  { by: null, service: 'EC2', operation: 'CreatePlacementGroup', input: { Strategy: 'clustered' } },
  { by: null, service: 'EC2', operation: 'LaunchInstances', input: {} },
];

/** The shape of every request that the adapters send: types, required and unknown members, enums, patterns, bounds. */
export const requests: Check = {
  name: 'requests',
  async run() {
    const missed = (await Promise.all(planted.map((one) => validate([one])))).flatMap(({ findings }, n) =>
      findings.length > 0
        ? []
        : [`botocore does not find the planted fault ${JSON.stringify(planted[n]?.input)}`],
    );
    const recorded = await recordedRequests();
    const seen = new Set(recorded.map(({ service }) => service));
    const unseen = Object.keys(services).filter((service) => !seen.has(service));
    const { requests: count, operations, findings } = await validate(recorded);
    return {
      checked: `botocore ${pinned('botocore')}: ${count} requests of ${operations.length} operations`,
      findings: [...missed, ...unseen.map((service) => `no request of ${service} was recorded`), ...findings],
    };
  },
};

async function validate(asked: readonly Request[]): Promise<z.infer<typeof Answer>> {
  const lines = asked.map(({ service, operation, input }) => {
    const name = services[service];
    if (name === undefined) throw new Error(`${service}: which of botocore's services is it?`);
    return JSON.stringify({ service: name, operation, input });
  });
  const python = join(await pythonPrograms(), 'python');
  return Answer.parse(JSON.parse(await must(python, [program], { input: lines.join('\n') })));
}
