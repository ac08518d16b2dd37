import fc from 'fast-check';
import { beforeAll, describe, expect, it, test } from 'vitest';
import type { RunId } from '../../domain/kernel/ids.ts';
import document from '../../functions/api/openapi.json' with { type: 'json' };
import { inMemorySortie } from './in-memory-sortie.ts';

// A malformed request is answered with a 4xx that says so: a 5xx would be an alarm, and an invitation to send it again.

const sortie = inMemorySortie();
let run: RunId;
beforeAll(async () => {
  run = await sortie.submit({ name: 'hello' });
  await sortie.drain();
});

interface Parameter {
  readonly in: string;
  readonly name: string;
}
interface Operation {
  readonly parameters?: readonly Parameter[];
}
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods as Record<string, Operation>).map(([method, { parameters = [] }]) => ({
    route: `${method.toUpperCase()} ${path}`,
    ...{ method: method.toUpperCase(), path, parameters },
  })),
);

const coded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
/** Of a reader of output, as it would come back: some of them are right. */
const position = fc
  .record({
    submission: fc.constantFrom(0, -1, 1e4, 2 ** 53, 1e308, 0.5, '0', null),
    offset: fc.constantFrom(0, -1, 1e4, 2 ** 53 - 1, 2 ** 53, 1e308, 0.5, '0', null),
    token: fc.constantFrom(null, '', 'x', 'y'.repeat(5_000), '\0', 7),
  })
  .map(coded);
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.bigInt().map(String),
  fc.double().map(String),
  fc.constantFrom('', ' ', '\0', '../..', '%', '%zz', '%ff%fe', '#', '?', '__proto__', 'x'.repeat(6_000)),
  fc.json().map((json) => Buffer.from(json).toString('base64url')),
  position,
  fc
    .record({ pk: fc.string(), sk: fc.constant('head'), list_pk: fc.string(), list_sk: fc.string() })
    .map(coded),
  // Nearly right ones reach further.
  fc
    .tuple(
      fc.constantFrom('', 'i', 'i-'),
      fc.stringMatching(/^[0-9a-z]{26}$/),
      fc.stringMatching(/^(-\d{1,6}){0,3}$/),
    )
    .map((parts) => parts.join('')),
);

describe.each(operations)('$route', ({ method, path, parameters }) => {
  it('answers with no 5xx, whatever its parameters are', async () => {
    const names = parameters.filter((one) => one.in !== 'header');
    const values = fc.tuple(...names.map(() => fc.option(hostile, { freq: 1, nil: null })));
    await fc.assert(
      fc.asyncProperty(values, async (given) => {
        let to = path.replaceAll('{run}', '{value}').replaceAll(/\{(id|name)\}/g, '{value}');
        const query = new URLSearchParams();
        for (const [n, value] of given.entries()) {
          const parameter = names[n];
          if (parameter?.in === 'path')
            to = to.replace('{value}', encodeURIComponent((value ?? run).toWellFormed()));
          else if (parameter && value !== null) query.set(parameter.name, value);
        }
        const body = method === 'GET' ? undefined : {};
        const answer = await sortie.answer(method, `${to}?${query.toString()}`, body && JSON.stringify(body));
        expect(answer.status).toBeLessThan(500);
      }),
      { numRuns: 200, seed: 1 },
    );
    expect(sortie.unexpected).toEqual([]);
  });
});

it("a reader's place in the output is refused where it is none", async () => {
  await fc.assert(
    fc.asyncProperty(position, async (after) => {
      const answer = await sortie.answer('GET', `/v1/runs/${run}/logs?after=${after}`);
      expect(answer.status).toBeOneOf([200, 400]);
    }),
    { numRuns: 300, seed: 1 },
  );
});

describe('a body', () => {
  const post = async (path: string, text: string) => {
    const answer = await sortie.answer('POST', path, text);
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  const configuration = (rest: string) => `{"configuration": {"type": "task", "commands": ["true"]${rest}}}`;

  test.each([
    ['/v1/runs', configuration(', "env": {"A": "1", "B": "2", "A": "3"}'), ['configuration', 'env', 'A']],
    ['/v1/plans', configuration(', "type": "task"'), ['configuration', 'type']],
    ['/v1/plans', configuration(', "t\\u0079pe": "task"'), ['configuration', 'type']],
    ['/v1/fleets', '{"configuration": {}, "configuration": {}}', ['configuration']],
    [
      '/v1/plans',
      configuration(', "groups": [{"a": "}\\\\"}, {"b": [1, {"x": {}, "x": []}]}]'),
      ['configuration', 'groups', 1, 'b', 1, 'x'],
    ],
  ])('of %s with a field that is given twice is refused by its path', async (path, text, where) => {
    const answer = await post(path, text);
    expect(answer).toMatchObject({
      status: 422,
      body: { errors: [{ path: where, message: 'is given twice' }] },
    });
  });

  test.each([
    ['stop', '{"mode": "graceful", "mode": "abort"}', 'mode'],
    ['stop', '{"mode": "abort", "mode": "abort"}', 'mode'],
  ])('of an order (%s) as well', async (order, text, field) => {
    const answer = await post(`/v1/runs/${run}/${order}`, text);
    expect(answer).toMatchObject({
      status: 400,
      body: { errors: [{ path: [field], message: 'is given twice' }] },
    });
  });

  it('is taken where fields of several objects have one name, and texts look like fields', async () => {
    const same = configuration(', "env": {"A": "{\\"A\\": 1, \\"A\\": 2}", "B": "\\\\"}, "tags": {"A": "1"}');
    expect(await post('/v1/plans', same)).toMatchObject({ status: 200 });
  });

  it('is read as JSON.parse reads it, wherever no field is given twice', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json({ maxDepth: 5 }), async (json) => {
        const answer = await post('/v1/plans', json);
        expect(answer.status).toBeOneOf([400, 422]);
        expect(JSON.stringify(answer.body)).not.toContain('is given twice');
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it.each(['[', '{"a":', '[{"a":'])('that is nested deep (%s…) is refused', async (open) => {
    const closing = open.endsWith('[') ? ']' : open.startsWith('[') ? '}]' : '}';
    const deep = (depth: number) => `${open.repeat(depth)}1${closing.repeat(depth)}`;
    for (const depth of [40, 50_000]) {
      expect(await post('/v1/plans', `{"configuration": ${deep(depth)}}`)).toMatchObject({ status: 422 });
      expect(await post(`/v1/runs/${run}/stop`, deep(depth))).toMatchObject({ status: 400 });
    }
  });

  it('of someone unknown is not read beyond what a report has', async () => {
    const [machine] = sortie.machines();
    const { instance, nonce } = machine?.intent ?? {};
    const large = JSON.stringify({ nonce, ready: { at: '2026-11-20T12:00:00Z' }, more: 'x'.repeat(20_000) });
    for (const path of ['report', 'node'])
      expect(await post(`/v1/instances/${instance}/${path}`, large)).toMatchObject({ status: 413 });
  });
});

test('a path has its methods, and says so to others', async () => {
  const answer = await sortie.answer('DELETE', '/v1/runs');
  expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, POST']);
  expect(await answer.json()).toMatchObject({
    type: 'urn:sortie:problem:no-method',
    detail: expect.stringContaining('takes GET, POST, not DELETE'),
  });
  expect((await sortie.answer('DELETE', '/v1/nothing')).status).toBe(404);
  expect((await sortie.answer('GET', '/v1/runs/unknown')).status).toBe(404);
});
