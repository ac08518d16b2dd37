import { mkdirSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { given } from './sortie.ts';

const SECRET = 'token-of-another-sortie';

/** A server that keeps what it is sent, and answers nothing of use. */
async function stranger() {
  const heard: IncomingMessage['headers'][] = [];
  const server = createServer((request, response) => {
    heard.push(request.headers);
    response.writeHead(500).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    heard,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  };
}

describe('a folder that came with somebody’s project', () => {
  const { world, file, sortieWith } = given();
  const folder = (api: string, token?: string) => {
    mkdirSync(join(world.folder, '.sortie'));
    file('.sortie/endpoints.json', JSON.stringify({ api, dynamodb: 'x', table: 'x' }));
    if (token !== undefined) file('.sortie/token', `${token}\n`);
  };
  const env = { SORTIE_URL: '', SORTIE_TOKEN: SECRET };

  it('does not get the user’s token, but its own', async () => {
    await using there = await stranger();
    folder(there.url, 'its-own');
    await sortieWith({ env }, 'ps');
    expect(there.heard.map(({ authorization }) => authorization)).toContain('Bearer its-own');
    expect(JSON.stringify(there.heard)).not.toContain(SECRET);
  });

  it('that has no token gets none', async () => {
    await using there = await stranger();
    folder(there.url);
    await sortieWith({ env }, 'ps');
    expect(there.heard.length).toBeGreaterThan(0);
    expect(JSON.stringify(there.heard)).not.toContain(SECRET);
  });

  it('cannot name another machine', async () => {
    folder('http://sortie.example:3000');
    const { code, stderr } = await sortieWith({ env }, 'ps');
    expect(code).toBe(2);
    expect(stderr).toContain('.sortie/endpoints.json names http://sortie.example:3000');
  });

  it('does not matter where the user names the address', async () => {
    await using there = await stranger();
    folder('http://sortie.example:3000');
    await sortieWith({ env: { ...env, SORTIE_URL: there.url } }, 'ps');
    expect(there.heard.map(({ authorization }) => authorization)).toContain(`Bearer ${SECRET}`);
  });
});
