import { request } from 'node:http';
import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { beforeAll, describe, expect, test } from 'vitest';
import { embeddedForFile } from '../end-to-end/fixtures/embedded.ts';

const on = embeddedForFile();
/** Every port that an embedded Sortie listens on. */
let ports: Readonly<Record<string, string>>;
beforeAll(() => {
  const { endpoints } = on.sortie.aws;
  ports = { ...endpoints, API: on.sortie.url, REPORT: on.sortie.host.innerUrl ?? '' };
});
const names = [
  'API',
  'REPORT',
  'DYNAMODB',
  'EC2',
  'SSM',
  'S3',
  'CLOUDWATCH_LOGS',
  'SQS',
  'EVENTBRIDGE',
  'PRICING',
];
const launch = 'Action=RunInstances&MinCount=1&MaxCount=1&ImageId=ami-1&InstanceType=m5.large&UserData=aWQ=';

/** Sends exactly these headers, which fetch would not. */
function ask(name: string, method: string, headers: Record<string, string>, body = ''): Promise<Answer> {
  const { hostname, port, host } = new URL(ports[name] ?? '');
  const all = { host, 'content-length': String(Buffer.byteLength(body)), ...headers };
  return new Promise((resolve, reject) => {
    const path = name === 'API' ? '/v1/openapi.json' : '/';
    const outgoing = request({ host: hostname, port, method, path, headers: all }, async (response) => {
      const text = Buffer.concat(await response.toArray()).toString();
      resolve({ status: response.statusCode, text });
    });
    outgoing.on('error', reject).end(body);
  });
}
type Answer = { readonly status: number | undefined; readonly text: string };

const instances = async () => {
  const { ec2, credentials } = on.sortie.aws;
  const client = new EC2Client({ region: 'us-east-1', credentials, endpoint: ec2.endpoint });
  const { Reservations } = await client.send(new DescribeInstancesCommand());
  client.destroy();
  return Reservations?.length ?? 0;
};

describe.each(names)('a web page asks %s', (name) => {
  test.each(['https://evil.example', 'http://127.0.0.1:3000', 'null'])('from %s', async (origin) => {
    const form = { origin, 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await ask(name, 'POST', form, launch);
    expect(answer).toEqual({ status: 403, text: expect.stringContaining('comes from a web page') });
  });

  test('before a request with headers of its own (preflight)', async () => {
    const answer = await ask(name, 'OPTIONS', {
      origin: 'https://evil.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,x-amz-target',
    });
    expect(answer.status).toBe(403);
  });

  test.each([
    'evil.example',
    'evil.example:3000',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    '10.0.0.1',
  ])('under the name %s, which it had pointed at this machine', async (host) => {
    const answer = await ask(name, 'GET', { host });
    expect(answer).toEqual({ status: 403, text: expect.stringContaining('is not a name of this machine') });
  });
});

test('no page has launched anything, and the owner still can look', async () => {
  expect(await instances()).toBe(0);
});

test.each(['127.0.0.1', 'localhost', '[::1]', 'sortie.localhost:1'])(
  'a program asks for %s',
  async (host) => {
    expect((await ask('API', 'GET', { host })).status).toBe(200);
  },
);
