import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { layImage } from '../../../infra/local/instance/image.ts';
import { temporaryFolder } from './fixtures/stack.ts';

const folder = temporaryFolder();
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () =>
    response.writeHead(request.url === '/busy' ? 503 : 200).end(`${request.method} ${body}`),
  );
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  folder.remove();
});

async function run(program: string, ...args: string[]) {
  const child = spawn(program, args, { env: { PATH: '/usr/bin:/bin' } });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      output += chunk;
    });
  const status = await new Promise((resolve) => child.on('close', resolve));
  return { status, output };
}

it('brings no Node, and a client for HTTP only where the machine has none', async () => {
  const [bare, full] = ['bare', 'full'].map((name) => join(folder.path, name)) as [string, string];
  mkdirSync(bare);
  mkdirSync(full);
  writeFileSync(join(folder.path, 'wget'), '');
  layImage(full, `/nowhere:${folder.path}`);
  expect(existsSync(join(full, 'curl'))).toBe(false);
  expect(await run(join(full, 'node'), '-p', '1')).toMatchObject({ status: 127 });

  layImage(bare, '/nowhere');
  const curl = join(bare, 'curl');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const post = ['-sSf', '--max-time', '35', '-H', 'content-type: application/json', '-d', '{"a":1}'];
  expect(await run(curl, ...post, `${url}/node`)).toEqual({ status: 0, output: 'POST {"a":1}' });
  const to = join(folder.path, 'got');
  const get = ['-sSf', '--connect-timeout', '10', '--speed-limit', '1000', '--speed-time', '30', '-o', to];
  expect(await run(curl, ...get, `${url}/node.gz`)).toEqual({ status: 0, output: '' });
  expect(readFileSync(to, 'utf8')).toBe('GET ');
  expect(await run(curl, ...post, `${url}/busy`)).toEqual({
    status: 22,
    output: 'curl: the requested URL returned error: 503\n',
  });
});
