import { type ChildProcess, spawn } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { eventually } from '../eventually.ts';
import { docker } from './engine.ts';

/** A Docker engine beside the machine's, on a disk of so many megabytes that nobody else sees: it goes with it. */
export function smallEngine(megabytes: number): {
  readonly host: string;
  ask(...args: string[]): Promise<string>;
} {
  const folder = fs.mkdtempSync(join(tmpdir(), 'sortie-engine-'));
  const at = (name: string) => join(folder, name);
  const host = `unix://${at('sock')}`;
  const ask = (...args: string[]) => docker('--host', host, ...args);
  let engine: ChildProcess | undefined;
  beforeAll(async () => {
    fs.mkdirSync(at('data'));
    const storage = `--storage-driver=vfs --data-root=${at('data')} --exec-root=${at('exec')} --pidfile=${at('pid')}`;
    const begin = `mount -t tmpfs -o size=${megabytes}m tmpfs ${at('data')} && exec dockerd ${storage} --bridge=none --iptables=false --host=${host}`;
    const log = fs.openSync(at('log'), 'a');
    engine = spawn('unshare', ['--mount', 'sh', '-c', begin], { stdio: ['ignore', log, log] });
    fs.closeSync(log);
    const answers = () => ask('version').then(Boolean, () => engine?.exitCode ?? false);
    await eventually('the small engine', answers);
    if (engine.exitCode !== null) throw new Error(fs.readFileSync(at('log'), 'utf8'));
  });
  afterAll(async () => {
    if (engine !== undefined && engine.exitCode === null) {
      const ended = new Promise((resolve) => engine?.once('exit', resolve));
      engine.kill('SIGTERM');
      await ended;
    }
    fs.rmSync(folder, { recursive: true, force: true });
  });
  return { host, ask };
}
