import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { userData } from '../../../infra/runner/user-data.ts';
import { eventually } from './eventually.ts';
import { commandLine, processes } from './processes.ts';

const INSTANCE = 'i01hzzzzzzzzzzzzzzzzzzzzzzz';
const NONCE = `n'o"nce`;
let place: string;
let home: string;
let machine: ChildProcess | undefined;
let received: { url: string; body: string }[];
/** What is answered next, by the end of the path; then 200. */
let statuses: Record<'report' | 'node' | 'node.gz', number[]>;
let sha256: string;
const node = gzipSync(`#!/bin/sh\nexec '${process.execPath}' "$@"\n`);
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => {
    const { url = '' } = request;
    received.push({ url, body });
    const asked = basename(url) as keyof typeof statuses;
    response.writeHead(statuses[asked].shift() ?? 200);
    if (asked === 'node') response.end(`24.9.9\n${sha256}\n${api()}/a%2Fb/node.gz\n`);
    else response.end(asked === 'node.gz' ? node : '{}');
  });
});
const api = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

/** All that an image has to have, beside what it asks the API with. */
const tools = [
  ...['sh', 'mkdir', 'touch', 'cat', 'stat', 'sleep', 'date', 'tr', 'cut', 'tail', 'uname', 'id', 'setsid'],
  ...['sha256sum', 'gzip', 'chmod', 'mv', 'rm'],
];
const installed = (tool: string): string | undefined => {
  // A shim's own program: it looks for itself on a PATH that is not there.
  const found = spawnSync('sh', [
    '-c',
    tool === 'python3' ? `python3 -c 'import sys; print(sys.executable)'` : `command -v ${tool}`,
  ]);
  return found.stdout.toString().trim() || undefined;
};
const clients = ['curl', 'wget', 'python3'].flatMap((client) => installed(client) ?? []);

beforeEach(async () => {
  received = [];
  statuses = { report: [], node: [], 'node.gz': [] };
  sha256 = createHash('sha256').update(node).digest('hex');
  place = fs.mkdtempSync(join(tmpdir(), 'sortie-boot-'));
  home = join(place, "home of 'one'");
  fs.mkdirSync(join(place, 'bin'));
  for (const tool of tools) fs.symlinkSync(installed(tool) ?? '', join(place, 'bin', tool));
  // What shutdown does on a real machine: it ends everything on it, the timer that called it included.
  fs.writeFileSync(
    join(place, 'bin/shutdown'),
    `#!/bin/sh\necho "$@" >'${place}/shut-down'\nkill -TERM $PPID\n`,
  );
  fs.chmodSync(join(place, 'bin/shutdown'), 0o755);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  machine?.kill('SIGKILL');
  for (const pid of timers()) process.kill(pid, 'SIGKILL');
  fs.rmSync(place, { recursive: true });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const script = (deadmanSeconds = 600) =>
  userData({ instance: INSTANCE, nonce: NONCE, apiUrl: `${api()}/`, deadmanSeconds, home });

function boot(deadmanSeconds?: number, client = clients[0] ?? ''): Promise<number | null> {
  fs.writeFileSync(join(place, 'user-data'), script(deadmanSeconds));
  const asks = join(
    place,
    'bin',
    basename(client).replace(/[\d.]+$/, (digits) => (digits ? '3' : '')),
  );
  if (!fs.existsSync(asks)) fs.symlinkSync(client, asks);
  const env = { PATH: `${place}/bin` };
  const booting = spawn('sh', [join(place, 'user-data')], { env, stdio: 'ignore' });
  machine = booting;
  return new Promise((resolve) => booting.on('exit', resolve));
}

/** The timer is nobody's child: found by its command line. */
const timers = () => processes().filter((pid) => commandLine(pid).includes(`${home}/deadman.sh`));
const isShutDown = () => fs.existsSync(join(place, 'shut-down'));

const said = () =>
  received.map(({ url, body }) => ({ url, body: body === '' ? undefined : JSON.parse(body) }));

describe('user data', () => {
  test('writes who the instance is, and reports that it is ready', async () => {
    expect(await boot()).toBe(0);
    expect(said().map(({ url }) => url)).toEqual(
      ['node', 'node.gz', 'report'].map((asked) => expect.stringMatching(new RegExp(`/${asked}$`))),
    );
    expect(received[0]).toMatchObject({ url: `/v1/instances/${INSTANCE}/node` });
    const [asked, , report] = said().map(({ body }) => body);
    expect(asked).toEqual({ nonce: NONCE, arch: process.arch });
    expect(report).toEqual({ nonce: NONCE, ready: { at: expect.stringMatching(/^\d{4}-.*Z$/) } });
    const identity = join(home, 'instance.json');
    expect(JSON.parse(fs.readFileSync(identity, 'utf8'))).toEqual({ instance: INSTANCE, nonce: NONCE });
    expect(fs.statSync(identity).mode & 0o777).toBe(0o600);
    expect(fs.readFileSync(join(home, 'ready'), 'utf8')).toBe(`${home}/node-24.9.9/bin/node\n`);
    const brought = spawnSync(`${home}/node-24.9.9/bin/node`, ['-p', 'process.version']);
    expect(brought.stdout.toString()).toBe(`${process.version}\n`);
    expect(fs.readdirSync(join(home, 'node-24.9.9'))).toEqual(['bin']);
    expect(timers()).toHaveLength(1);
  });

  test.each(clients)('needs no more of an image than %s', async (client) => {
    // Each is refused once, and comes again.
    statuses = { report: [], node: [503], 'node.gz': [403] };
    expect(await boot(undefined, client)).toBe(0);
    const why = said().flatMap(({ body }) => body?.booting?.message ?? []);
    expect(why.join('\n')).toMatch(/^cannot bring Node: .*(503|127\.0\.0\.1)/);
    const asked = received.map(({ url }) => basename(url)).filter((name) => name !== 'report');
    expect(asked).toEqual(['node', 'node', 'node.gz', 'node', 'node.gz']);
    expect(said().at(-1)?.body).toEqual({ nonce: NONCE, ready: { at: expect.any(String) } });
  });

  test('reports until it is heard', async () => {
    statuses.report = [500, 403, 429];
    expect(await boot()).toBe(0);
    expect(received.length).toBeGreaterThanOrEqual(6);
    expect(said().at(-1)?.body).toEqual({ nonce: NONCE, ready: { at: expect.any(String) } });
  });

  test('runs no Node that is not the one of the deployment, and says so where a probe finds it', async () => {
    const right = sha256;
    sha256 = '0'.repeat(64);
    const over = boot();
    await eventually('what it fails at', () => fs.existsSync(join(home, 'booting')));
    const message = 'cannot bring Node: what came has another SHA-256 than the deployment said';
    expect(fs.readFileSync(join(home, 'booting'), 'utf8')).toBe(`${message}\n`);
    expect(fs.existsSync(join(home, 'ready'))).toBe(false);
    expect(fs.existsSync(join(home, 'node-24.9.9/bin/node'))).toBe(false);
    sha256 = right;
    expect(await over).toBe(0);
    expect(
      said()
        .filter(({ body }) => body?.booting)
        .map(({ body }) => body?.booting.message),
    ).toEqual([message]);
  });

  test('takes the Node that an image has brought where it would lay its own', async () => {
    fs.mkdirSync(join(home, 'node-24.9.9/bin'), { recursive: true });
    fs.symlinkSync(process.execPath, join(home, 'node-24.9.9/bin/node'));
    expect(await boot()).toBe(0);
    expect(received.map(({ url }) => basename(url))).toEqual(['node', 'report']);
  });

  test('leaves what start-job waits for before it reports, and after all else', async () => {
    let before: boolean | undefined;
    statuses.report = new Proxy([], {
      get: (list: number[], name) => {
        if (name === 'shift') before = fs.existsSync(join(home, 'ready'));
        return Reflect.get(list, name);
      },
    });
    await boot();
    expect(before).toBe(true);
  });

  test('shuts the instance down when nobody is in contact with it', async () => {
    await boot(2);
    await eventually('shutdown', isShutDown);
    expect(fs.readFileSync(join(place, 'shut-down'), 'utf8')).toBe('-h now\n');
  });

  test('leaves it running while somebody is, whatever the clock says', async () => {
    // So much longer than it takes to touch anew, on a machine that stands still for seconds.
    const seconds = 8;
    await boot(seconds);
    const until = performance.now() + 1.5 * seconds * 1_000;
    // Each touch dates the contact an hour back, as after a jump of the clock: it is the change that counts.
    let touches = 0;
    await eventually('touches for half as long again', () => {
      const then = Date.now() / 1000 - 3600 + touches / 10;
      fs.utimesSync(join(home, 'contact'), Math.floor(then), Math.floor(then));
      touches += 1;
      return isShutDown() || performance.now() > until;
    });
    expect(isShutDown()).toBe(false);
    await eventually('shutdown, once the touches end', isShutDown);
  });

  test('is a POSIX script of less than 16 KB, with no name left to fill in', () => {
    expect(script().length).toBeLessThan(16 * 1024);
    expect(script()).not.toMatch(/@[A-Z_]+@/);
    expect(spawnSync('sh', ['-n'], { input: script() }).stderr.toString()).toBe('');
    const onEc2 = userData({ instance: INSTANCE, nonce: NONCE, apiUrl: api(), deadmanSeconds: 600 });
    expect(onEc2).toContain('home="${SORTIE_HOME:-/var/lib/sortie}"');
  });

  test('refuses an address that would not fit', () => {
    const input = {
      instance: INSTANCE,
      nonce: NONCE,
      apiUrl: `http://${'x'.repeat(20_000)}`,
      deadmanSeconds: 600,
    };
    expect(() => userData(input)).toThrow('where EC2 takes 16 KB');
  });
});
