import { execFile, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll } from 'vitest';
import type { BundledContainer } from '../../../../infra/runner/contract.ts';

const runFile = promisify(execFile);

/** The engine's own client, as the tests look at it. */
export async function docker(...args: string[]): Promise<string> {
  const { stdout } = await runFile('docker', args, { maxBuffer: 64 * 1024 * 1024 });
  return stdout.trim();
}

/** On a developer's machine without an engine the tests are skipped. */
export const engineAnswers = spawnSync('docker', ['version', '--format', '{{.Server.Version}}']).status === 0;
if (!engineAnswers && (process.env.CI || process.env.SORTIE_REQUIRE_DOCKER === '1'))
  throw new Error('no Docker engine answers here, and these tests are about one: start dockerd');

if (!engineAnswers)
  console.warn('Skipped: no Docker engine answers on this machine; start dockerd to run these tests.');

/** A small image of Debian's busybox, under a name of its own, gone after the tests of the file. */
export function testImage(
  changes: readonly string[] = [],
  add: (root: string) => void = () => {},
): { readonly name: string } {
  const name = `sortie-test-${randomBytes(6).toString('hex')}:1`;
  beforeAll(async () => {
    if (engineAnswers) await makeImage(name, changes, add);
  });
  afterAll(async () => {
    if (engineAnswers) await docker('rmi', '--force', name).catch(() => '');
  });
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
  const found = ['/bin/busybox', '/usr/bin/busybox'].find((path) => fs.existsSync(path));
  if (found === undefined)
    throw new Error("these tests make an image of busybox: install Debian's busybox-static");
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
