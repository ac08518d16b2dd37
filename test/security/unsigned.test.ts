import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { agentPath } from '../../infra/local/instance/protocol.ts';
import { faultsPath } from '../../infra/local/wire/faults.ts';
import { type Credentials, signed } from '../../infra/local/wire/signature.ts';
import { running } from '../end-to-end/fixtures/client.ts';
import { embeddedForFile } from '../end-to-end/fixtures/embedded.ts';

const on = embeddedForFile();
const own = (): Credentials => on.sortie.aws.credentials;
const deployed = () => on.sortie.host.deployment;

type Call = {
  readonly method?: string;
  readonly path?: string;
  readonly target?: string;
  readonly body?: string;
};
/** A call of each service that its owner may make. */
const calls: Readonly<Record<string, () => Call>> = {
  EC2: () => ({ body: 'Action=DescribeInstances' }),
  SSM: () => ({ target: 'AmazonSSM.DescribeInstanceInformation', body: '{}' }),
  DYNAMODB: () => ({
    target: 'DynamoDB_20120810.DescribeTable',
    body: JSON.stringify({ TableName: deployed().tables[0]?.['TableName'] }),
  }),
  CLOUDWATCH_LOGS: () => ({ target: 'Logs_20140328.CreateLogGroup', body: '{"logGroupName":"own"}' }),
  EVENTBRIDGE: () => ({
    target: 'AWSEvents.PutEvents',
    body: JSON.stringify({ Entries: [{ Source: 'a', DetailType: 'b', Detail: '{}' }] }),
  }),
  PRICING: () => ({ target: 'AWSPriceListService.GetProducts', body: '{"ServiceCode":"AmazonEC2"}' }),
  S3: () => ({ method: 'GET', path: `/${deployed().buckets[0]}` }),
};
const services = Object.keys(calls);

/** Sends the call as `by` would sign it at that time, or unsigned. */
async function send(
  name: string,
  by: { credentials: Credentials; at?: number } | 'unsigned',
  change: (headers: Record<string, string>) => Record<string, string> = (headers) => headers,
  sentBody?: string,
): Promise<{ status: number; text: string }> {
  const { method = 'POST', path = '/', target, body = '' } = calls[name]?.() ?? {};
  const url = on.sortie.aws.endpoints[name] ?? '';
  const { host } = new URL(url);
  const query = name === 'S3' ? ([['list-type', '2']] as const) : [];
  const plain = {
    host,
    ...(target !== undefined && { 'x-amz-target': target, 'content-type': 'application/x-amz-json-1.0' }),
    ...(name === 'S3' && { 'x-amz-content-sha256': createHash('sha256').update(body).digest('hex') }),
  };
  const { credentials, at = Date.now() } = by === 'unsigned' ? { credentials: own() } : by;
  const all = signed(
    { method, path, query, headers: plain },
    body,
    { credentials, region: 'us-east-1', service: 'x' },
    at,
  );
  const { host: _host, authorization, ...rest } = change(all);
  const headers = { ...rest, ...(by !== 'unsigned' && { authorization: authorization ?? '' }) };
  const response = await fetch(`${url}${path}${name === 'S3' ? '?list-type=2' : ''}`, {
    method,
    headers,
    ...(method === 'POST' && { body: sentBody ?? body }),
  });
  return { status: response.status, text: await response.text() };
}

const refused = (expected: RegExp) => ({ text: expect.stringMatching(expected) });
const minutes = 60_000;

describe.each(services)('%s', (name) => {
  test('answers its owner', async () => {
    expect(await send(name, { credentials: own() })).toMatchObject({ status: 200 });
  });

  test('refuses a request without a signature', async () => {
    expect(await send(name, 'unsigned')).toMatchObject(refused(/MissingAuthenticationToken|AccessDenied/));
  });

  test('refuses a key that it does not know', async () => {
    const credentials = { ...own(), accessKeyId: 'local' };
    expect(await send(name, { credentials })).toMatchObject(
      refused(/UnrecognizedClientException|AuthFailure|InvalidAccessKeyId/),
    );
  });

  test.each(['local', ''])('refuses a signature of another secret: %j', async (secretAccessKey) => {
    expect(await send(name, { credentials: { ...own(), secretAccessKey } })).toMatchObject(
      refused(/InvalidSignatureException|SignatureDoesNotMatch/),
    );
  });

  test.each([-20, 20])('refuses a signature that is %i min off', async (off) => {
    expect(await send(name, { credentials: own(), at: Date.now() + off * minutes })).toMatchObject(
      refused(/InvalidSignatureException|RequestExpired|RequestTimeTooSkewed/),
    );
  });

  test('refuses a header that was changed after it was signed', async () => {
    const change = (headers: Record<string, string>) => {
      const date = String(headers['x-amz-date']);
      const second = date.endsWith('00Z') ? '01Z' : '00Z';
      return { ...headers, 'x-amz-date': date.slice(0, -3) + second };
    };
    expect(await send(name, { credentials: own() }, change)).toMatchObject(
      refused(/InvalidSignatureException|SignatureDoesNotMatch/),
    );
  });

  test('refuses a signature that covers neither host nor date', async () => {
    const change = (headers: Record<string, string>) => ({
      ...headers,
      authorization: String(headers['authorization']).replace(
        /SignedHeaders=[^,]+/,
        'SignedHeaders=content-type',
      ),
    });
    expect((await send(name, { credentials: own() }, change)).status).toBeGreaterThanOrEqual(400);
  });
});

test.each(services.filter((name) => name !== 'S3'))('%s refuses a body that was changed', async (name) => {
  const launch = 'Action=RunInstances&MinCount=1&MaxCount=1&ImageId=ami-1&InstanceType=m5.large';
  expect(await send(name, { credentials: own() }, undefined, launch)).toMatchObject(
    refused(/InvalidSignatureException|SignatureDoesNotMatch/),
  );
});

test.each(['EC2', 'SSM'])('the faults of %s are switched by nobody else', async (name) => {
  const url = `${on.sortie.aws.endpoints[name]}${faultsPath}`;
  const answer = await fetch(url, { method: 'PUT', body: '{"outage":["ec2"]}' });
  expect([answer.ok, on.sortie.aws.faults.current.outage]).toEqual([false, []]);
});

test('an agent that is not the instance’s gets none of its commands', async () => {
  const { id } = await on.client.submit({
    commands: ['until test -e go; do sleep 0.05; done'],
    resources: { cpu: 2, memory: '1GB..' },
    working_dir: '/tmp',
  });
  await on.client.until(id, 'running', running);
  const [instance] = await on.client.live();
  const { hostname, port } = new URL(on.sortie.aws.endpoints['SSM'] ?? '');
  for (const token of ['', '00', '0'.repeat(64)]) {
    const socket = connect(Number(port), hostname);
    socket.write(
      `GET ${agentPath} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: sortie-agent\r\n\r\n`,
    );
    await once(socket, 'data');
    socket.write(`${JSON.stringify({ type: 'hello', instance: instance?.ec2_id, token })}\n`);
    const said: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => said.push(chunk));
    await once(socket, 'close');
    expect(Buffer.concat(said).toString()).toBe('');
  }
  // Its own agent still has its line.
  await on.client.stop(id, 'abort');
  await on.client.until(id, 'over', ({ status }) => status === 'terminated' || status === 'aborted');
});
