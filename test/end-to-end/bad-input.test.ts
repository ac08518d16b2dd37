import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Problem } from '../../domain/api/problem.ts';
import { final } from './fixtures/client.ts';
import { stored } from './fixtures/data-folder.ts';
import { embeddedForFile } from './fixtures/embedded.ts';
import { rawRequest } from './fixtures/raw-request.ts';

const on = embeddedForFile();
const TASK = 'type: task\ncommands: [echo hello]\n';

let before: ReturnType<typeof stored>;
/** Objects of the deployment itself: Node, and the catalogue. */
let kept = 0;
beforeAll(() => {
  kept = stored(on.dataDir).objects;
});
beforeEach(() => {
  before = stored(on.dataDir);
});
afterEach(() => expect(stored(on.dataDir)).toEqual(before));

const call = (method: string, path: string, headers: Record<string, string> = {}, body?: string | Buffer) =>
  fetch(on.sortie.url + path, {
    method,
    headers: { authorization: `Bearer ${on.sortie.token}`, ...headers },
    ...(body !== undefined && { body: new Uint8Array(Buffer.from(body)) }),
  });

/** Sends what cannot be served, and reads the problem document that says so. */
async function refusal(answer: Promise<Response>): Promise<Problem> {
  const response = await answer;
  const text = await response.text();
  expect([response.status, response.headers.get('content-type'), text]).toEqual([
    expect.any(Number),
    'application/problem+json',
    expect.any(String),
  ]);
  const problem = Problem.parse(JSON.parse(text));
  expect(problem.status).toBe(response.status);
  return problem;
}

const yaml = (text: string | Buffer) =>
  call('POST', '/v1/runs', { 'content-type': 'application/yaml' }, text);
const json = (body: unknown) =>
  call('POST', '/v1/runs', { 'content-type': 'application/json' }, JSON.stringify(body));
const task = (fields: object) => json({ configuration: { type: 'task', commands: ['true'], ...fields } });

describe('a configuration that cannot be run is refused, with the field', () => {
  const configurations: Record<string, () => Promise<Response>> = {
    'YAML that is none': () => yaml('type: task\ncommands: [echo'),
    'YAML with a tab for indentation': () => yaml('type: task\ncommands:\n\t- echo'),
    'YAML of two documents': () => yaml(`${TASK}---\n${TASK}`),
    'YAML that is a list': () => yaml('- type: task'),
    'an empty body': () => yaml(''),
    'bytes that are no UTF-8': () => yaml(Buffer.from([0xff, 0xfe, 0x00, 0x80])),
    'aliases that multiply': () =>
      yaml(
        `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\n${TASK}tags: *c\n`,
      ),
    'commands that are a map': () => task({ commands: { run: 'true' } }),
    'a number for a name': () => task({ name: 7 }),
    'resources that are a list': () => task({ resources: ['2'] }),
    'a name with ../': () => task({ name: '../../etc/passwd' }),
    'a name with NUL': () => task({ name: 'a\0b' }),
    'a name with an emoji': () => task({ name: 'run-🚀' }),
    'a name of 300 KB': () => task({ name: 'a'.repeat(300_000) }),
    'commands of 300 KB': () => task({ commands: [`echo ${'x'.repeat(300_000)}`] }),
    'commands of 250 KB that JSON writes in twice as many': () => task({ commands: ['"'.repeat(250_000)] }),
    'an environment of 300 KB': () => task({ env: { BIG: 'x'.repeat(300_000) } }),
    'an environment of 10,000 names': () =>
      task({
        env: Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`A_LONG_NAME_NUMBER_${n}`, ''])),
      }),
    'tags of 300 KB': () => task({ tags: { big: 'x'.repeat(300_000) } }),
    'a command with NUL': () => task({ commands: ['echo \0'] }),
    'half an emoji in a command': () => task({ commands: ['echo \ud83d'] }),
    '__proto__ for a field': () =>
      call(
        'POST',
        '/v1/runs',
        {},
        '{"configuration":{"type":"task","commands":["true"],"__proto__":{"a":1}}}',
      ),
    'a working_dir with ../': () => task({ working_dir: '/work/../etc' }),
    'JSON with bytes that are not UTF-8': () =>
      call(
        'POST',
        '/v1/runs',
        { 'content-type': 'application/json' },
        Buffer.from('{"configuration": {"type": "task", "commands": ["echo caf\u00e9"]}}', 'latin1'),
      ),
    'an env that has no value': () => task({ env: ['SECRET'] }),
  };
  test.for(Object.entries(configurations))('%s', async ([, send]) => {
    const problem = await refusal(send());
    expect(problem).toMatchObject({ status: 422, type: 'urn:sortie:problem:invalid-configuration' });
    expect(problem.errors?.length).toBeGreaterThan(0);
  });
});

describe('a request that is none is refused', () => {
  const requests: Record<string, [number, () => Promise<Response>]> = {
    'a body that is not JSON': [
      400,
      () => call('POST', '/v1/runs', { 'content-type': 'application/json' }, '{"a'),
    ],
    'a body that is a JSON string': [400, () => json('type: task')],
    'a media type of no use': [415, () => call('POST', '/v1/runs', { 'content-type': 'image/png' }, 'x')],
    'a configuration of null': [400, () => json({ configuration: null })],
    'an Idempotency-Key of 300 characters': [
      400,
      () =>
        call(
          'POST',
          '/v1/runs',
          { 'content-type': 'application/yaml', 'idempotency-key': 'k'.repeat(300) },
          TASK,
        ),
    ],
    'a name beside the configuration, with ../': [
      422,
      () => call('POST', '/v1/runs?name=..%2Fx', { 'content-type': 'application/yaml' }, TASK),
    ],
    'an unknown run': [404, () => call('GET', '/v1/runs/nobody')],
    'an unknown run to stop': [404, () => call('POST', '/v1/runs/nobody/stop')],
    'an unknown run’s logs': [404, () => call('GET', '/v1/runs/nobody/logs')],
    'an unknown run’s events': [404, () => call('GET', '/v1/runs/nobody/events')],
    'a run id with ../': [404, () => call('GET', '/v1/runs/..%2F..%2Fetc%2Fpasswd')],
    'a run id with NUL': [404, () => call('GET', '/v1/runs/a%00b')],
    'a run id with an emoji': [404, () => call('GET', '/v1/runs/%F0%9F%9A%80')],
    'a run id of 4,000 characters': [404, () => call('GET', `/v1/runs/${'a'.repeat(4_000)}`)],
    'a bad cursor of runs': [400, () => call('GET', '/v1/runs?status=all&cursor=nonsense')],
    'a cursor of runs with NUL': [400, () => call('GET', '/v1/runs?status=all&cursor=%00')],
    'a cursor that is JSON of something else': [
      400,
      () => call('GET', `/v1/runs?status=all&cursor=${Buffer.from('{"pk":1}').toString('base64url')}`),
    ],
    'a bad cursor of instances': [400, () => call('GET', '/v1/instances?status=all&cursor=nonsense')],
    'a bad cursor of fleets': [400, () => call('GET', '/v1/fleets?cursor=nonsense')],
    'a page of 10,000': [400, () => call('GET', '/v1/runs?limit=10000')],
    'a status of nonsense': [400, () => call('GET', '/v1/runs?status=nonsense')],
    'an offer for no number of dollars': [400, () => call('GET', '/v1/offers?max_price=cheap')],
    'an offer for no amount of memory': [422, () => call('GET', '/v1/offers?memory=lots')],
    'an unknown submission’s report': [
      404,
      () => call('POST', '/v1/submissions/..%2F..%2Fx/report', {}, '{}'),
    ],
    'an unknown instance’s report': [
      404,
      () =>
        call(
          'POST',
          `/v1/instances/i${'0'.repeat(26)}/report`,
          {},
          '{"nonce":"x","ready":{"at":"2026-01-01T00:00:00Z"}}',
        ),
    ],
  };
  const post = (path: string, body: string) => () =>
    call('POST', path, { 'content-type': 'application/json' }, body);
  const reports = [
    '/v1/instances/%3F/report',
    '/v1/instances/..%2F..%2Fv1%2Fruns%3F/node',
    '/v1/submissions/%02%3Fs/report',
  ];
  for (const path of reports)
    requests[`${path}, which is another route without percent signs`] = [404, post(path, '{}')];
  requests['a method that a path does not have'] = [405, () => call('DELETE', '/v1/runs')];
  requests['a field that is given twice'] = [
    422,
    post('/v1/runs', '{"configuration": {"type": "task", "commands": ["true"], "commands": ["false"]}}'),
  ];
  requests['a report of 100 KB by nobody known'] = [
    413,
    post(`/v1/instances/i${'0'.repeat(26)}/report`, `{"nonce": "${'x'.repeat(100_000)}"}`),
  ];
  test.for(Object.entries(requests))('%s', async ([, [status, send]]) => {
    expect(await refusal(send())).toMatchObject({ status });
  });
});

test('what the gateway refuses never reaches a function: no token, a wrong one, no route, no method', async () => {
  const without = (headers: Record<string, string>) => fetch(`${on.sortie.url}/v1/runs`, { headers });
  expect((await without({})).status).toBe(401);
  expect((await without({ authorization: 'Bearer wrong' })).status).toBe(403);
  expect((await without({ authorization: 'Basic wrong' })).status).toBe(403);
  expect((await call('GET', '/v2/runs')).status).toBe(404);
  expect((await call('PUT', '/v1/runs')).status).toBe(404);
  expect((await call('POST', '/v1/runs', {}, Buffer.alloc(11 * 1024 * 1024, ' '))).status).toBe(413);
  const { token, url } = on.sortie;
  expect((await rawRequest(url, { method: 'GET', path: '/v1/runs', token, body: '{}' })).status).toBe(200);
  for (const path of [
    '/v1/runs/../../etc/passwd',
    '/v1/runs/%',
    '//v1//runs',
    '/v1/runs/%zz',
    '/v1/runs/%ff%fe',
  ])
    expect((await rawRequest(url, { method: 'GET', path, token })).status).toSatisfy(
      (status: number) => status >= 400 && status < 500,
    );
});

describe('for a run that there is', () => {
  let run: Awaited<ReturnType<typeof on.client.submit>>;
  beforeEach(async () => {
    run ??= await on.client.until((await on.client.submit({ commands: ['echo hello'] })).id, 'over', final);
    before = await quiet();
  });

  /** What the end of a run still sets in motion has been written. */
  async function quiet(): Promise<ReturnType<typeof stored>> {
    const seen = stored(on.dataDir);
    const idle = (await on.client.instances()).every(({ status }) => status === 'idle');
    return idle && seen.objects === kept ? seen : quiet();
  }

  test('a report with no token or a wrong one is refused', async () => {
    const path = `/v1/submissions/${run.id}-0-0/report`;
    const body = JSON.stringify({ at: new Date().toISOString() });
    expect(await refusal(fetch(on.sortie.url + path, { method: 'POST', body }))).toMatchObject({
      status: 401,
    });
    expect(await refusal(call('POST', path, {}, body))).toMatchObject({ status: 403 });
    const later = `/v1/submissions/${run.id}-0-7/report`;
    expect(await refusal(call('POST', later, {}, body))).toMatchObject({ status: 403 });
  });

  test('an instance’s report with a wrong nonce is refused', async () => {
    const [instance] = await on.client.instances();
    const report = (nonce: unknown) =>
      call(
        'POST',
        `/v1/instances/${instance?.id}/report`,
        {},
        JSON.stringify({ nonce, ready: { at: new Date().toISOString() } }),
      );
    expect(await refusal(report('wrong'))).toMatchObject({ status: 403 });
    expect(await refusal(report(7))).toMatchObject({ status: 400 });
  });

  test('bad cursors, unknown jobs and wrong modes are refused', async () => {
    const of = (rest: string) => call('GET', `/v1/runs/${run.id}${rest}`);
    const at = (position: object) =>
      of(
        `/logs?after=${Buffer.from(JSON.stringify({ submission: 0, offset: 0, token: null, ...position })).toString('base64url')}`,
      );
    for (const position of [
      { submission: 10_000 },
      { submission: 2 ** 53 - 1 },
      { token: '' },
      { token: 'x'.repeat(5_000) },
    ])
      expect(await refusal(at(position))).toMatchObject({ status: 400 });
    for (const position of [{ submission: 9_999 }, { offset: 2 ** 53 - 1 }, { token: '\0' }])
      expect((await at(position)).status).toBe(200);
    const negative = Buffer.from('{"submission":0,"offset":-1,"token":null}').toString('base64url');
    expect(await refusal(of('/logs?after=nonsense'))).toMatchObject({ status: 400 });
    expect(await refusal(of(`/logs?after=${negative}`))).toMatchObject({ status: 400 });
    expect(await refusal(of('/logs?job=7'))).toMatchObject({ status: 404 });
    expect(await refusal(of('/logs?job=-1'))).toMatchObject({ status: 400 });
    expect(await refusal(of('/events?cursor=nonsense'))).toMatchObject({ status: 400 });
    expect(await refusal(call('POST', `/v1/runs/${run.id}/stop`, {}, '{"mode":"gently"}'))).toMatchObject({
      status: 400,
    });
    expect(await refusal(call('POST', `/v1/runs/${run.id}/stop`))).toMatchObject({ status: 409 });
  });
});
