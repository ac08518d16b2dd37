import { expect, it } from 'vitest';
import { inMemorySortie } from './in-memory-sortie.ts';

const sortie = inMemorySortie();
const wrong: [path: string, body: Record<string, unknown>, says: string][] = [
  ['/v1/runs', { configuration: {}, name: 7 }, 'name: must be a text, not 7'],
  ['/v1/fleets/default/pause', { reason: ['a'] }, 'reason: must be a text, not a list'],
  [
    '/v1/dead-letters/redrive',
    { letters: 'all', action: 'forget' },
    'action: must be `redrive` or `discard`, not "forget"',
  ],
];

it.each(wrong)(
  'a body of %s with %j is told which field is wrong, and what it should be',
  async (...given) => {
    const [path, body, says] = given;
    const answer = await sortie.request('POST', path, body);
    expect(answer).toMatchObject({ status: 400, body: { detail: expect.stringContaining(says) } });
    expect(JSON.stringify(answer.body)).not.toMatch(/Invalid|expected|Too (small|big)/);
  },
);

it.each([
  ['/v1/runs?limit=0', 'limit: must be at least 1, not 0'],
  ['/v1/runs?limit=many', 'limit: must be a number, not'],
  ['/v1/runs?status=old', 'status: must be `active` or `all`, not "old"'],
])('a query %s as well', async (path, says) => {
  expect(await sortie.request('GET', path)).toMatchObject({
    status: 400,
    body: { detail: expect.stringContaining(says) },
  });
});
