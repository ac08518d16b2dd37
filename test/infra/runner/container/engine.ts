import { execFile, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll } from 'vitest';
import type { BundledContainer } from '../../../../infra/runner/contract.ts';
import { BUSYBOX } from '../../../needs.ts';

const runFile = promisify(execFile);

/** The engine's own client, as the tests look at it. */
export async function docker(...args: string[]): Promise<string> {
  const { stdout } = await runFile('docker', args, { maxBuffer: 64 * 1024 * 1024 });
  return stdout.trim();
}

/** A small image of Debian's busybox, under a name of its own, gone after the tests of the file. */
export function testImage(
  changes: readonly string[] = [],
  add: (root: string) => void = () => {},
): { readonly name: string } {
  const name = `sortie-test-${randomBytes(6).toString('hex')}:1`;
  beforeAll(() => makeImage(name, changes, add));
  afterAll(() => docker('rmi', '--force', name).catch(() => ''));
  return { name };
}

export async function makeImage(
  name: string,
  changes: readonly string[],
  add: (root: string) => void = () => {},
): Promise<void> {
  const root = fs.mkdtempSync(join(tmpdir(), 'sortie-image-'));
  busyboxRoot(root);
  add(root);
  const tar = `${root}.tar`;
  spawnSync('tar', ['-C', root, '-cf', tar, '.']);
  await docker('import', ...changes.flatMap((change) => ['--change', change]), tar, name);
  fs.rmSync(root, { recursive: true });
  fs.rmSync(tar);
}

/** A root directory with busybox's programs and two users. */
export function busyboxRoot(root: string): void {
  fs.chmodSync(root, 0o755);
  for (const folder of ['bin', 'etc', 'tmp']) fs.mkdirSync(join(root, folder));
  fs.chmodSync(join(root, 'tmp'), 0o1777);
  fs.copyFileSync(busybox(), join(root, 'bin/busybox'));
  for (const applet of spawnSync(busybox(), ['--list']).stdout.toString().trim().split('\n'))
    if (applet !== 'busybox') fs.symlinkSync('busybox', join(root, 'bin', applet));
  fs.writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\nworker:x:1234:1234::/tmp:/bin/sh\n');
}

const busybox = (): string => {
  const found = BUSYBOX.find((path) => fs.existsSync(path));
  if (found === undefined) throw new Error('a test that makes an image of busybox lacks its tag, `busybox`');
  return found;
};

/** A container as the configuration's defaults have it. */
export const containerOf = (
  image: string | null,
  changes: Partial<BundledContainer> = {},
): BundledContainer => ({
  lifetime: 'per_run',
  name: null,
  runtime: null,
  image,
  image_tar: null,
  registry_auth: null,
  pull_timeout: 900,
  setup_script: null,
  entrypoint: null,
  privileged: false,
  shm_bytes: null,
  network: 'host',
  ipc: null,
  volumes: [],
  devices: [],
  cap_add: [],
  security_opt: [],
  group_add: [],
  ulimit: [],
  env: {},
  gpus: null,
  ...changes,
});

/** Of one home: ids and names, whatever their state. */
export const containersOf = async (home: string): Promise<string[]> =>
  (await docker('ps', '--all', '--filter', `label=sortie.home=${home}`, '--format', '{{.Names}}'))
    .split('\n')
    .filter(Boolean);

export async function removeContainersOf(home: string): Promise<void> {
  const left = await containersOf(home);
  if (left.length > 0) await docker('rm', '--force', ...left);
}
