import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { PATIENCE_MS } from '../../patience.ts';
import { observed } from './fixtures/observed.ts';
import { type Stack, startStack, temporaryFolder } from './fixtures/stack.ts';

const folder = temporaryFolder();
let stack: Stack;
let url: string;

beforeAll(async () => {
  stack = await startStack(folder.path, { integrationTimeoutMs: 300 });
  url = stack.host.url;
});
afterAll(async () => {
  for (const release of observed.release) release();
  await stack.close();
  folder.remove();
});

const get = async (path: string, init?: RequestInit) => {
  const response = await fetch(url + path, init);
  return { status: response.status, headers: response.headers, body: (await response.json()) as Shown };
};
type Shown = {
  message?: string;
  event: Record<string, unknown> & {
    headers: Record<string, string>;
    requestContext: Record<string, unknown>;
  };
  own: string;
  url: string;
  context: Record<string, unknown>;
};
const shape = (result: unknown) =>
  fetch(`${url}/shape`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(result),
  });

/** Sends exactly these header lines, which fetch would merge or refuse. */
function raw(path: string, headers: string[]): Promise<Shown> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const outgoing = request(
      { host: hostname, port, path, headers: ['host', 'api.localhost', ...headers] },
      async (response) => {
        resolve(JSON.parse(Buffer.concat(await response.toArray()).toString()) as Shown);
      },
    );
    outgoing.on('error', reject);
    outgoing.end();
  });
}

describe('a request, as payload 2.0', () => {
  test('has path, query, cookies and headers in their forms', async () => {
    const { event } = await raw('/echo/a%20b?x=1&x=2&y=%C3%BC&z', [
      'X-Twice',
      'one',
      'x-twice',
      'two',
      'Cookie',
      'a=1; b=2',
      'cookie',
      'c=3',
      'User-Agent',
      'probe',
    ]);
    expect(event).toMatchObject({
      version: '2.0',
      routeKey: 'ANY /echo/{id}',
      rawPath: '/echo/a b',
      rawQueryString: 'x=1&x=2&y=%C3%BC&z',
      queryStringParameters: { x: '1,2', y: 'ü', z: '' },
      pathParameters: { id: 'a b' },
      cookies: ['a=1', 'b=2', 'c=3'],
      headers: {
        host: 'api.localhost',
        'x-twice': 'one,two',
        'x-forwarded-proto': 'http',
        'user-agent': 'probe',
      },
      isBase64Encoded: false,
      requestContext: {
        accountId: '123456789012',
        domainName: 'api.localhost',
        domainPrefix: 'api',
        routeKey: 'ANY /echo/{id}',
        stage: '$default',
        http: {
          method: 'GET',
          path: '/echo/a b',
          protocol: 'HTTP/1.1',
          sourceIp: '127.0.0.1',
          userAgent: 'probe',
        },
      },
    });
    expect(event.requestContext['time']).toMatch(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/);
    expect(Object.keys(event.headers)).not.toContain('cookie');
    expect(event).not.toHaveProperty('body');
  });

  test.each<[string | null, boolean]>([
    ['application/json', false],
    ['application/json; charset=utf-8', false],
    ['text/yaml', false],
    ['application/xml', false],
    ['application/yaml', true],
    ['application/x-www-form-urlencoded', true],
    ['application/octet-stream', true],
    [null, true],
  ])('with content type %s has a base64 body: %s', async (type, encoded) => {
    const bytes = Buffer.from('{"ü":1}');
    const headers: Record<string, string> = type ? { 'content-type': type } : {};
    const { body } = await get('/echo/1', { method: 'POST', headers, body: new Blob([bytes]) });
    expect(body.event['isBase64Encoded']).toBe(encoded);
    expect(body.event['body']).toBe(bytes.toString(encoded ? 'base64' : 'utf8'));
  });

  test('of more than 10 MB is refused, and of more than Lambda takes', async () => {
    for (const size of [10 * 1024 * 1024 + 1, 7 * 1024 * 1024]) {
      const { status, body } = await get('/echo/1', { method: 'POST', body: 'x'.repeat(size) });
      expect([status, body]).toEqual([413, { message: 'Request Entity Too Large' }]);
    }
  });

  test('with a broken escape in its path is a bad request', async () => {
    expect(await get('/echo/%zz')).toMatchObject({ status: 400, body: { message: 'Bad Request' } });
  });
});

describe('a route', () => {
  test.each([
    ['/echo/fixed', 'GET /echo/fixed', undefined],
    ['/echo/other', 'ANY /echo/{id}', { id: 'other' }],
    ['/echo/..%2F..%2Fetc', 'ANY /echo/{id}', { id: '../../etc' }],
    ['/files/a/b%20c/d', 'ANY /files/{proxy+}', { proxy: 'a/b c/d' }],
  ])('for %s is %s', async (path, key, parameters) => {
    const { body } = await get(path);
    expect([body.event['routeKey'], body.event['pathParameters']]).toEqual([key, parameters]);
  });

  test('is missing: 404, in the words of API Gateway', async () => {
    for (const path of ['/', '/nothing', '/echo', '/echo/a/b', '/files/', '/echo/']) {
      expect(await get(path)).toMatchObject({ status: 404, body: { message: 'Not Found' } });
    }
    const wrongMethod = await fetch(`${url}/plain`, { method: 'DELETE' });
    expect(wrongMethod.status).toBe(404);
  });
});

describe('a response', () => {
  test('without a status code is the JSON body of a 200', async () => {
    const response = await shape({ hello: 'world' });
    expect([response.status, response.headers.get('content-type'), await response.json()]).toEqual([
      200,
      'application/json',
      { hello: 'world' },
    ]);
  });

  test('has status, headers, cookies and bytes as the function gave them', async () => {
    const response = await shape({
      statusCode: 201,
      headers: { 'Content-Type': 'image/png', 'X-Number': 7 },
      cookies: ['a=1; HttpOnly', 'b=2'],
      body: Buffer.from([0, 255, 10]).toString('base64'),
      isBase64Encoded: true,
    });
    expect(response.status).toBe(201);
    expect(response.headers.get('content-type')).toBe('image/png');
    expect(response.headers.get('x-number')).toBe('7');
    expect(response.headers.getSetCookie()).toEqual(['a=1; HttpOnly', 'b=2']);
    expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([0, 255, 10]);
  });

  test('without a body has none', async () => {
    const response = await shape({ statusCode: 204 });
    expect([response.status, await response.text()]).toEqual([204, '']);
  });

  test.each([{ statusCode: 'abc' }, { statusCode: 99 }, { statusCode: 200, body: { not: 'text' } }])(
    'that is not one, %j, is 500',
    async (result) => {
      const response = await shape(result);
      expect([response.status, await response.json()]).toEqual([500, { message: 'Internal Server Error' }]);
    },
  );

  test('of a function that throws is 500', async () => {
    const response = await fetch(`${url}/shape`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: '{',
    });
    expect([response.status, await response.json()]).toEqual([500, { message: 'Internal Server Error' }]);
    await vi.waitFor(
      () => expect(readFileSync(join(folder.path, 'functions.log'), 'utf8')).toMatch(/api .*SyntaxError/),
      PATIENCE_MS,
    );
  });

  test('that the function owes for longer than an API waits is 503', async () => {
    expect(await get('/slow')).toMatchObject({ status: 503, body: { message: 'Service Unavailable' } });
  });

  test('of a function at its reserved concurrency is 503', async () => {
    const first = fetch(`${url}/single`);
    await vi.waitFor(() => expect(observed.release.length).toBeGreaterThan(1), PATIENCE_MS);
    expect(await get('/single')).toMatchObject({ status: 503 });
    observed.release.at(-1)?.();
    expect(await (await first).text()).toBe('alone');
  });
});

describe('a function', () => {
  test('has its own environment, the address of the API among it, and a context', async () => {
    const { body } = await get('/echo/1');
    expect([body.own, body.url]).toEqual(['only-api', stack.host.innerUrl]);
    expect(body.context).toMatchObject({ functionName: 'fixture-test-api', functionVersion: '$LATEST' });
    expect(body.context['remaining']).toBeGreaterThan(4_000);
  });

  test('prints into its log, not on the terminal', async () => {
    await fetch(`${url}/plain`);
    await vi.waitFor(
      () =>
        expect(readFileSync(join(folder.path, 'functions.log'), 'utf8')).toMatch(
          /Z api a line from the api function\n/,
        ),
      PATIENCE_MS,
    );
  });

  test('that exceeds its timeout has failed', async () => {
    const outcome = await stack.host.invoke('hasty', {});
    expect(outcome).toMatchObject({
      kind: 'failed',
      error: {
        errorType: 'Sandbox.Timedout',
        errorMessage: expect.stringMatching(/Task timed out after 1\.00 seconds$/),
      },
    });
    expect(stack.host.metrics().functions['hasty']).toMatchObject({ invocations: 1, errors: 1, timeouts: 1 });
  });

  test('counts', async () => {
    const before = stack.host.metrics().functions['api']?.invocations ?? 0;
    await fetch(`${url}/plain`);
    const { invocations, durationMs } = stack.host.metrics().functions['api'] ?? {
      invocations: 0,
      durationMs: null,
    };
    expect(invocations).toBe(before + 1);
    expect(durationMs?.max).toBeGreaterThan(0);
  });
});

test('a connection is kept for the next request', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const sockets = new Set<unknown>();
  for (let time = 0; time < 3; time++) {
    await new Promise<void>((resolve) => {
      const outgoing = request(`${url}/plain`, { agent }, (response) => response.resume().on('end', resolve));
      outgoing.on('socket', (socket) => sockets.add(socket));
      outgoing.end();
    });
  }
  agent.destroy();
  expect(sockets.size).toBe(1);
});
