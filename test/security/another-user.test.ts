import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { embeddedForFile } from '../end-to-end/fixtures/embedded.ts';
import { inMemorySortie } from '../functions/in-memory-sortie.ts';

const on = embeddedForFile();
const ask = (path: string, authorization: string | null, method = 'GET') =>
  fetch(on.sortie.url + path, {
    method,
    headers: {
      ...(authorization !== null && { authorization }),
      ...(method === 'POST' && { 'content-type': 'application/json' }),
    },
    ...(method === 'POST' && { body: '{}' }),
  });

const attempts: [string, () => string | null][] = [
  ['no token', () => null],
  ['an empty token', () => 'Bearer '],
  ['a guessed token', () => 'Bearer admin'],
  [
    'the SHA-256 that is deployed',
    () => `Bearer ${createHash('sha256').update(on.sortie.token).digest('hex')}`,
  ],
  ['the beginning of a token', () => `Bearer ${on.sortie.token.slice(0, -1)}`],
  ['a token and more', () => `Bearer ${on.sortie.token}x`],
  ['another scheme', () => `Basic ${on.sortie.token}`],
  ['the credentials of the embedded AWS', () => `Bearer ${on.sortie.aws.credentials.secretAccessKey}`],
];

test.each(attempts)('%s reads and changes nothing', async (_, authorization) => {
  for (const path of ['/v1/runs', '/v1/fleets', '/v1/instances', '/v1/metrics'])
    expect([401, 403]).toContain((await ask(path, authorization())).status);
  for (const path of ['/v1/runs', '/v1/plans', '/v1/runs/hello/stop'])
    expect([401, 403]).toContain((await ask(path, authorization(), 'POST')).status);
  expect(await on.client.runs()).toEqual([]);
});

test('the token itself does', async () => {
  expect((await ask('/v1/runs', `Bearer ${on.sortie.token}`)).status).toBe(200);
});

test.each(['x', '!!', 'e30', Buffer.from('{"pk":"Run-x","sk":"head"}').toString('base64url')])(
  'a cursor of somebody’s own making is refused: %s',
  async (cursor) => {
    const answer = await ask(`/v1/runs?cursor=${encodeURIComponent(cursor)}`, `Bearer ${on.sortie.token}`);
    expect(answer.status).toBe(400);
  },
);

test('a key of one user neither shows nor takes the run of another', async () => {
  const sortie = inMemorySortie();
  const configuration = (command: string) => ({ configuration: { type: 'task', commands: [command] } });
  const submit = (command: string, user: string) =>
    sortie.request('POST', '/v1/runs', configuration(command), { 'idempotency-key': 'one' }, user);
  const [alice, bob] = [await submit('true', 'alice'), await submit('false', 'bob')];
  expect([alice.status, bob.status]).toEqual([201, 201]);
  expect(alice.body['id']).not.toBe(bob.body['id']);
  expect((await submit('true', 'alice')).body['id']).toBe(alice.body['id']);
});
