import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { userData } from '../../../infra/runner/user-data.ts';
import { eventually } from './eventually.ts';
import { commandLine, processes } from './processes.ts';

const INSTANCE = 'i01hzzzzzzzzzzzzzzzzzzzzzzz';
const NONCE = `n'o"nce`;
let place: string;
let home: string;
let machine: ChildProcess | undefined;
let received: { url: string | undefined; body: string }[];
let statuses: number[];
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => {
    received.push({ url: request.url, body });
    response.writeHead(statuses.shift() ?? 200).end('{}');
  });
});
const api = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

beforeEach(async () => {
  received = [];
  statuses = [];
  place = fs.mkdtempSync(join(tmpdir(), 'sortie-boot-'));
  home = join(place, "home of 'one'");
  fs.mkdirSync(join(place, 'bin'));
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

function boot(deadmanSeconds?: number): Promise<number | null> {
  fs.writeFileSync(join(place, 'user-data'), script(deadmanSeconds));
  const env = { PATH: `${place}/bin:${dirname(process.execPath)}:${process.env.PATH}` };
  const booting = spawn('sh', [join(place, 'user-data')], { env, stdio: 'ignore' });
  machine = booting;
  return new Promise((resolve) => booting.on('exit', resolve));
}

/** The timer is nobody's child: found by its command line. */
const timers = () => processes().filter((pid) => commandLine(pid).includes(`${home}/deadman.sh`));
const isShutDown = () => fs.existsSync(join(place, 'shut-down'));

describe('user data', () => {
  test('writes who the instance is, and reports that it is ready', async () => {
    expect(await boot()).toBe(0);
    expect(received.map(({ url }) => url)).toEqual([`/v1/instances/${INSTANCE}/report`]);
    const report = JSON.parse(received[0]?.body ?? '');
    expect(report).toEqual({ nonce: NONCE, ready: { at: expect.stringMatching(/^\d{4}-.*Z$/) } });
    const identity = join(home, 'instance.json');
    expect(JSON.parse(fs.readFileSync(identity, 'utf8'))).toEqual({ instance: INSTANCE, nonce: NONCE });
    expect(fs.statSync(identity).mode & 0o777).toBe(0o600);
    expect(fs.readFileSync(join(home, 'ready'), 'utf8').trim()).toMatch(/^\/.*\/node$/);
    expect(timers()).toHaveLength(1);
  });

  test('reports until it is heard', async () => {
    statuses = [500, 403, 429];
    expect(await boot()).toBe(0);
    expect(received).toHaveLength(4);
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
