import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Debian's has all in one file, without libraries: an image of it works. */
export const BUSYBOX = ['/bin/busybox', '/usr/bin/busybox'];

/**
 * What some tests need of the machine and npm does not install. A test says so: `describe('…', needing('engine'), () => …)`.
 * On a developer's machine without it the test is skipped, and the last line of the run says so; with `CI` or
 * `SORTIE_REQUIRE_ALL=1` in the environment the run then fails.
 */
const needs = {
  engine: {
    install: 'a Docker engine (apt-get install docker.io, start dockerd)',
    isHere: () => answers('docker', 'version', '--format', '{{.Server.Version}}'),
  },
  busybox: {
    install: 'busybox-static',
    isHere: () => BUSYBOX.some((path) => existsSync(path)),
  },
  registry: { install: 'docker-registry', isHere: () => answers('docker-registry', '--version') },
  sshd: { install: 'openssh-server', isHere: () => existsSync('/usr/sbin/sshd') },
  'ssh-keygen': {
    install: 'openssh-client',
    isHere: () => spawnSync('ssh-keygen', ['-?']).error === undefined,
  },
  bubblewrap: { install: 'bubblewrap', isHere: () => answers('bwrap', '--bind', '/', '/', 'true') },
  mounting: {
    install: 'the right to mount (root)',
    isHere: () => answers('unshare', '--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'),
  },
  systemd: { install: 'systemd', isHere: () => answers('systemd-analyze', '--version') },
  root: {
    install: 'root, to become another user',
    isHere: () => process.getuid?.() === 0 && answers('setpriv', '--version'),
  },
  'full-device': { install: '/dev/full (Linux)', isHere: () => existsSync('/dev/full') },
} satisfies Record<string, { readonly install: string; readonly isHere: () => boolean }>;

export type Need = keyof typeof needs;

declare module 'vitest' {
  interface TestTags {
    readonly need: Need;
  }
}

const answers = (program: string, ...args: string[]): boolean => spawnSync(program, args).status === 0;

/** The options of a suite or test that is skipped where one of these needs is not met. */
export const needing = (...names: Need[]): { readonly tags: Need[]; readonly skip: boolean } => ({
  tags: names,
  skip: toInstall(names).length > 0,
});

/** For vitest's configuration, which has to know every tag. */
export const needTags = (Object.keys(needs) as Need[]).map((name) => ({ name }));

/** What to install for those of the needs that are not met here. */
export const toInstall = (names: readonly string[]): string[] =>
  names.filter(isNeed).flatMap((name) => (needs[name].isHere() ? [] : [needs[name].install]));

const isNeed = (name: string): name is Need => name in needs;

export const requiresAll = (environment: NodeJS.ProcessEnv): boolean =>
  Boolean(environment['CI']) || environment['SORTIE_REQUIRE_ALL'] === '1';
