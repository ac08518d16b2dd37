import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { embeddedForFile } from './fixtures/embedded.ts';

const MAIN = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
const on = embeddedForFile();
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sortie-user-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(files: Record<string, string | Buffer>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
}

/** `sortie …`, as its user types it in the folder. */
function sortie(url: string, ...args: string[]): ChildProcess {
  const env = { PATH: process.env['PATH'], SORTIE_URL: url, SORTIE_TOKEN: on.sortie.token };
  const cache = { XDG_CACHE_HOME: join(folder, '.cache') };
  return spawn(process.execPath, [MAIN, ...args], {
    ...{ cwd: folder, env: { ...env, ...cache }, stdio: ['ignore', 'pipe', 'pipe'] },
  });
}
const textOf = async (stream: Readable | null): Promise<string> => (stream === null ? '' : text(stream));
async function applied(...args: string[]) {
  const child = sortie(on.sortie.url, 'apply', '-y', ...args);
  const [stdout, stderr] = await Promise.all([textOf(child.stdout), textOf(child.stderr)]);
  return { stdout, stderr };
}
const task = (commands: string, more = '') =>
  `type: task\nfiles: [.]\nresources: {cpu: 1.., memory: 1GB..}\ncommands:\n${commands}\n${more}`;

test('a program in the user’s folder runs on an instance, as it is each time', async () => {
  write({
    'train.py': 'from lib import x\nprint("trained", x)\n',
    'lib/__init__.py': 'x = 42\n',
    '.gitignore': 'data\n.cache\n',
    'data/secret': 's3cret',
    'train.yaml': task('  - python3 train.py\n  - ls'),
  });
  execFileSync('git', ['-C', folder, 'init', '-q']);
  const first = await applied('-f', 'train.yaml');
  expect(first.stderr).toMatch(/^code: 4 files, 1 KB, uploaded in \d+\.\d s$/m);
  expect(first.stdout).toMatch(/^trained 42\n/);
  expect(first.stdout).not.toContain('data');

  write({ 'lib/__init__.py': 'x = 43\n' });
  const second = await applied('-f', 'train.yaml');
  expect(second.stderr).toMatch(/^code: 4 files, 1 KB, \d changed, uploaded in/m);
  expect(second.stdout).toMatch(/^trained 43\n/);

  write({ 'lib/__init__.py': 'x = 42\n' });
  const third = await applied('-f', 'train.yaml');
  expect(third.stderr).toMatch(/^code: 4 files, 1 KB, \d changed, stored before$/m);
  expect(third.stdout).toMatch(/^trained 42\n/);
});

test('each node of a run has the files, and so has a retry', async () => {
  write({
    'who.sh': 'echo "node $SORTIE_NODE_RANK has $(cat word)"\n',
    word: 'it',
    'nodes.yaml': task('  - sh who.sh', 'nodes: 2\n'),
    'retry.yaml': task(
      '  - cat word; [ "${SORTIE_SUBMISSION_ID##*-}" = 1 ]',
      'retry: {on_events: [error], duration: 1h}\n',
    ),
  });
  const { stdout } = await applied('-f', 'nodes.yaml');
  expect(stdout).toContain('node 0 has it');
  expect(stdout).toContain('node 1 has it');
  expect((await applied('-f', 'retry.yaml')).stdout).toBe('itit');
});

test('a file that is missing is told with its line, and nothing is submitted', async () => {
  write({ 'missing.yaml': 'type: task\ncommands: ["true"]\nfiles:\n  - gone.py\n' });
  const { stderr } = await applied('-f', 'missing.yaml');
  expect(stderr).toContain('missing.yaml:4:5: files[0]: there is no file gone.py');
});

test('a program that nothing brings along is told of', async () => {
  write({
    'bare.yaml': 'type: task\ncommands: ["python3 train.py || true"]\nresources: {cpu: 1.., memory: 1GB..}\n',
  });
  const { stderr } = await applied('-f', 'bare.yaml');
  expect(stderr).toContain(
    'warning: train.py lies beside the configuration, and nothing brings it to the instance; add files: [.]',
  );
});

describe('kill -9 in the middle of an upload', () => {
  test('leaves nothing that is used, and the same command works then', async () => {
    const content = randomBytes(20 * 1024 * 1024);
    const sha256 = createHash('sha256').update(content).digest('hex');
    write({ 'killed/weights.bin': content, 'killed/run.yaml': task('  - sha256sum weights.bin') });

    const halfway = Promise.withResolvers<void>();
    const slow = await stallingAfter(1024 * 1024, halfway.resolve);
    const api = await apiThatUploadsTo(slow.port);
    const child = sortie(api.url, 'apply', '-y', '-f', 'killed/run.yaml');
    const gone = new Promise((resolve) => child.on('exit', resolve));
    await halfway.promise;
    child.kill('SIGKILL');
    await gone;
    expect(api.asked).toHaveLength(1);
    expect(await (await ask('/v1/code', api.asked[0])).json()).toMatchObject({ state: 'missing' });
    expect(await (await ask('/v1/runs')).json()).toMatchObject({ runs: [] });
    api.close();
    slow.close();

    const { stdout } = await applied('-f', 'killed/run.yaml');
    expect(stdout).toBe(`${sha256}  weights.bin\n`);
  });

  const ask = (path: string, body?: string) =>
    fetch(on.sortie.url + path, {
      headers: { authorization: `Bearer ${on.sortie.token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { method: 'POST', body }),
    });

  /** Passes so many bytes of an upload on to the store, and then no more. */
  async function stallingAfter(most: number, stalled: () => void) {
    let to = 0;
    const server = createServer((client) => {
      const upstream = connect(to, '127.0.0.1');
      let passed = 0;
      client.on('data', (chunk: Buffer) => {
        if (passed >= most) return stalled();
        // The signature is of the store's own address.
        const head =
          passed === 0 ? chunk.toString('latin1').replace(/^host: .*$/im, `Host: 127.0.0.1:${to}`) : null;
        upstream.write(head === null ? chunk : Buffer.from(head, 'latin1'));
        passed += chunk.length;
      });
      client.on('close', () => upstream.destroy());
      client.on('error', () => {});
      upstream.on('error', () => {});
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return {
      port: (port: number) => {
        to = port;
        return (server.address() as AddressInfo).port;
      },
      close: () => server.close(),
    };
  }

  /** The API, which sends uploads another way. */
  async function apiThatUploadsTo(port: (storesOwn: number) => number) {
    const asked: string[] = [];
    const server = createHttpServer(async (request, response) => {
      const body = await text(request);
      const answer = await fetch(`${on.sortie.url}${request.url}`, {
        ...(body !== '' && { body }),
        method: request.method ?? 'GET',
        headers: { authorization: `${request.headers.authorization}`, 'content-type': 'application/json' },
      });
      let said = await answer.text();
      if (request.url === '/v1/code') {
        asked.push(body);
        said = said.replace(/127\.0\.0\.1:(\d+)/, (_, own) => `127.0.0.1:${port(Number(own))}`);
      }
      response
        .writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' })
        .end(said);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return { url, asked, close: () => server.close() };
  }
});
