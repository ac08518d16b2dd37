import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needing } from '../needs.ts';

const main = join(import.meta.dirname, '../../cli/main.ts');

/** `npm start` on a filesystem of its own, which nobody else sees and which goes with it. */
const startOn = (
  mount: string,
  prepare: string,
  data: string,
): Promise<{ code: number | null; stderr: string }> =>
  new Promise((resolve) => {
    const script = `mount -t tmpfs -o size=${mount} tmpfs "$1" && ${prepare} && exec "$2" "$3" local --port 0 --data "$4"`;
    const args = ['--mount', 'sh', '-c', script, 'sh', folder, process.execPath, main, join(folder, data)];
    const child = spawn('unshare', args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += String(chunk);
    });
    child.on('close', (code) => resolve({ code, stderr }));
  });

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sortie-mount-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a data folder that cannot be written to', needing('mounting'), () => {
  it('is too full: how much it has, how much is needed, and what to do', async () => {
    const { code, stderr } = await startOn('8m', 'true', 'data');
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /the disk of the data folder is full: \S+ has [78] MiB free, and needs 64 MiB to start/,
    );
    expect(stderr).toContain('npm start -- --data FOLDER');
  });

  it.each([
    ['a new one', 'true', 'data'],
    ['one that is there', 'mkdir -m 700 "$4"', 'data'],
  ])('is on a read-only filesystem: %s', async (_, make, data) => {
    const { code, stderr } = await startOn('80m', `${make} && mount -o remount,ro "$1"`, data);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /the data folder is on a read-only filesystem: EROFS: read-only file system, \w+ /,
    );
    expect(stderr).toContain('mount it read-write');
    expect(stderr).not.toContain('another Sortie');
  });
});
