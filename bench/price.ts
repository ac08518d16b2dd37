import type { Counts } from './counts.ts';

/**
 * List prices of us-east-1 in $, without the free tier: aws.amazon.com/dynamodb/pricing/on-demand, /lambda/pricing (arm64),
 * /api-gateway/pricing (HTTP API), /s3/pricing, /cloudwatch/pricing, /eventbridge/pricing.
 */
export const prices = {
  'DynamoDB writes, million units': 0.625,
  'DynamoDB reads, million units': 0.125,
  'Lambda, million invocations': 0.2,
  'Lambda arm64, million GB-s': 13.3334,
  'HTTP API, million requests': 1,
  'S3 PUT, million': 5,
  'S3 GET, million': 0.4,
  'CloudWatch Logs, GB taken in': 0.5,
  'EventBridge, million custom events': 1,
} as const;

/** What PutLogEvents is charged for besides the text of its events. */
const LOG_EVENT_OVERHEAD = 26;
const LINE = 'hello\n'.length;

/** $ per 1,000 runs, by service. Sending commands to EC2 instances and DELETE in S3 cost nothing. */
export function pricePerThousand({ calls, reads, writes, functions }: Counts): [string, number][] {
  const of = (name: string): number => calls[name] ?? 0;
  const sum = (pick: (one: Counts['functions'][number]) => number): number =>
    functions.reduce((total, one) => total + pick(one), 0);
  const api = functions.find(({ name }) => name === 'api')?.invocations ?? 0;
  const million = 1_000 / 1e6;
  return [
    ['DynamoDB writes', writes * million * prices['DynamoDB writes, million units']],
    ['DynamoDB reads', reads * million * prices['DynamoDB reads, million units']],
    ['Lambda invocations', sum((one) => one.invocations) * million * prices['Lambda, million invocations']],
    ['Lambda duration', sum((one) => one.gigabyteSeconds) * million * prices['Lambda arm64, million GB-s']],
    ['HTTP API', api * million * prices['HTTP API, million requests']],
    // The runner's GET of its bundle is not made by a function.
    ['S3', (of('S3 PUT') * prices['S3 PUT, million'] + prices['S3 GET, million']) * million],
    ['CloudWatch Logs', ((LINE + LOG_EVENT_OVERHEAD) * 1_000 * prices['CloudWatch Logs, GB taken in']) / 1e9],
    ['EventBridge', of('AWSEvents PutEvents') * million * prices['EventBridge, million custom events']],
  ];
}
