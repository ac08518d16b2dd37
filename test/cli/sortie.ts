import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect } from 'vitest';
import { type Client, clientOf } from '../end-to-end/fixtures/client.ts';
import { memorySortie } from './memory-cloud.ts';
import { served, TOKEN } from './served.ts';

const MAIN = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A `sortie` that runs. */
export interface Running {
  readonly ended: Promise<Ended>;
  /** Resolves once it has said so on one of its streams; rejects when it ends without. */
  said(text: string): Promise<void>;
  /** Reads no more of its stdout, as `head` does when it has seen enough. */
  unread(): void;
  signal(name: NodeJS.Signals): void;
}

/** The world of one test: a Sortie in memory that answers over HTTP, and a folder that `sortie` is typed in. */
export function given() {
  const world = { sortie: memorySortie(), folder: '', url: '' };
  let http: Awaited<ReturnType<typeof served>> | undefined;
  const running = new Set<ChildProcessWithoutNullStreams>();

  beforeEach(async () => {
    world.sortie = memorySortie();
    http = await served(world.sortie.api, world.sortie.failures);
    world.folder = mkdtempSync(join(tmpdir(), 'sortie-cli-'));
    world.url = http.url;
  });
  afterEach(async () => {
    for (const child of running) child.kill('SIGKILL');
    world.sortie.end();
    await http?.down();
    rmSync(world.folder, { recursive: true });
    expect(world.sortie.failures).toEqual([]);
  });

  const start = (
    args: readonly string[],
    options: { env?: Record<string, string>; stdin?: string } = {},
  ): Running => {
    const env = {
      PATH: process.env['PATH'],
      // Without what the developer has deployed.
      XDG_CONFIG_HOME: join(world.folder, 'settings'),
      SORTIE_URL: world.url,
      SORTIE_TOKEN: TOKEN,
      ...options.env,
    };
    const child = spawn(process.execPath, [MAIN, ...args], { cwd: world.folder, env });
    running.add(child);
    child.stdin.end(options.stdin ?? '');
    return watched(child, () => running.delete(child));
  };
  return {
    world,
    http: () => {
      if (http === undefined) throw new Error('only within a test');
      return http;
    },
    /** For the steps that a test begins with: a `sortie` for each would take most of its time. */
    client: (): Client => clientOf({ url: world.url, token: TOKEN }),
    file: (name: string, text: string) => writeFileSync(join(world.folder, name), text),
    start,
    sortie: (...args: string[]) => start(args).ended,
    sortieWith: (options: Parameters<typeof start>[1], ...args: string[]) => start(args, options).ended,
  };
}

function watched(child: ChildProcessWithoutNullStreams, onEnd: () => void): Running {
  let [stdout, stderr] = ['', ''];
  const checks = new Set<() => void>();
  const hear = (text: string, into: 'stdout' | 'stderr') => {
    if (into === 'stdout') stdout += text;
    else stderr += text;
    for (const check of checks) check();
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => hear(text, 'stdout'));
  child.stderr.setEncoding('utf8').on('data', (text: string) => hear(text, 'stderr'));
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code) => {
      onEnd();
      resolve({ code, stdout, stderr });
    });
  });
  return {
    ended,
    said: (text) =>
      new Promise((resolve, reject) => {
        const check = () => {
          if (stdout.includes(text) || stderr.includes(text)) resolve();
        };
        checks.add(check);
        check();
        void ended.then(() => reject(new Error(`ended without saying ${text}:\n${stdout}\n${stderr}`)));
      }),
    unread: () => void child.stdout.destroy(),
    signal: (name) => child.kill(name),
  };
}
