import * as z from 'zod';

/** An event of the kind that a function gets, and the answer that it has to give. */
export interface Example {
  readonly event: unknown;
  readonly answer: z.ZodType;
}

const request = (method: string, path: string, caller: object = {}) => ({
  version: '2.0',
  routeKey: `${method} ${path}`,
  rawPath: path,
  rawQueryString: '',
  headers: { host: 'api.example.com', authorization: 'Bearer nobody' },
  requestContext: {
    accountId: '000000000000',
    apiId: 'api',
    domainName: 'api.example.com',
    http: { method, path, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'conformance' },
    requestId: 'request',
    routeKey: `${method} ${path}`,
    stage: '$default',
    time: '28/Nov/2026:07:00:00 +0000',
    timeEpoch: 1_795_849_200_000,
    ...caller,
  },
  isBase64Encoded: false,
});

const scheduled = (rule: string) => ({
  version: '0',
  id: '53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa',
  'detail-type': 'Scheduled Event',
  source: 'aws.events',
  account: '000000000000',
  time: '2026-11-28T07:00:00Z',
  region: 'us-east-1',
  resources: [`arn:aws:events:us-east-1:000000000000:rule/${rule}`],
  detail: {},
});

/** Source of the shapes: https://docs.aws.amazon.com/lambda/latest/dg/lambda-services.html. */
export const examples: Readonly<Record<string, Example>> = {
  authorize: {
    event: {
      ...request('GET', '/v1/runs'),
      type: 'REQUEST',
      routeArn: 'arn:aws:execute-api:us-east-1:000000000000:api/$default/GET/v1/runs',
      identitySource: ['Bearer nobody'],
    },
    answer: z.looseObject({ isAuthorized: z.literal(false) }),
  },
  api: {
    event: request('GET', '/v1/runs', { authorizer: { lambda: { user: 'alice', project: 'main' } } }),
    answer: z.looseObject({ statusCode: z.literal(200), body: z.string() }),
  },
  react: { event: { Records: [] }, answer: z.looseObject({ batchItemFailures: z.tuple([]) }) },
  publish: { event: { Records: [] }, answer: z.looseObject({ batchItemFailures: z.tuple([]) }) },
  observe: {
    event: {
      version: '0',
      id: 'ee376907-2647-4179-9203-343cfb3017a4',
      'detail-type': 'EC2 Instance State-change Notification',
      source: 'aws.ec2',
      account: '000000000000',
      time: '2026-11-28T07:00:00Z',
      region: 'us-east-1',
      resources: ['arn:aws:ec2:us-east-1:000000000000:instance/i-0123456789abcdef0'],
      detail: { 'instance-id': 'i-0123456789abcdef0', state: 'running' },
    },
    answer: z.null(),
  },
  // At the embedded EC2, whose types, zones and prices are the catalogue that is shipped: nothing is written.
  refresh: { event: scheduled('refresh'), answer: z.looseObject({ version: z.string().nullable() }) },
  sync: { event: scheduled('sync'), answer: z.unknown() },
};
