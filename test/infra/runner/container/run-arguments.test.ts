import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { BundledContainer } from '../../../../infra/runner/contract.ts';
import {
  environmentFlags,
  variablesFor,
} from '../../../../infra/runner/supervisor/container/environment-flags.ts';
import { runArguments } from '../../../../infra/runner/supervisor/container/run-arguments.ts';
import { mountable } from '../../../../infra/runner/supervisor/container/volumes.ts';
import { containerOf } from './engine.ts';

const place = fs.mkdtempSync(join(tmpdir(), 'sortie-volumes-'));
afterAll(() => fs.rmSync(place, { recursive: true }));

function flagsOf(changes: Partial<BundledContainer>, engine: 'docker' | 'podman' = 'docker'): string[] {
  const fresh = {
    name: 'n',
    image: 'i:1',
    container: containerOf('i:1', changes),
    volumes: changes.volumes ?? [],
    labels: { 'sortie.home': '/h' },
  };
  const made = runArguments(engine, fresh);
  if (!made.ok) throw new Error(made.error);
  return made.value.args;
}

describe('what a container is started with', () => {
  test('is what was written, and a process that waits', () => {
    const args = flagsOf({
      network: 'bridge',
      privileged: true,
      ipc: 'host',
      shm_bytes: 1024,
      devices: ['/dev/infiniband'],
      cap_add: ['SYS_PTRACE'],
      security_opt: ['seccomp=unconfined'],
      group_add: ['video'],
      ulimit: ['memlock=-1'],
    });
    expect(args.slice(0, -4)).toEqual([
      'run',
      '--detach',
      '--pull=never',
      '--name=n',
      '--label=sortie.home=/h',
      '--network=bridge',
      '--privileged',
      '--ipc=host',
      '--shm-size=1024b',
      '--device=/dev/infiniband',
      '--cap-add=SYS_PTRACE',
      '--security-opt=seccomp=unconfined',
      '--group-add=video',
      '--ulimit=memlock=-1',
    ]);
    expect(args.slice(-4, -1)).toEqual(['--entrypoint=sh', 'i:1', '-c']);
  });

  test.each([
    ['docker', { vendor: 'nvidia', indices: null }, ['--gpus=all']],
    ['docker', { vendor: 'nvidia', indices: [0, 1] }, ['--gpus="device=0,1"']],
    ['podman', { vendor: 'nvidia', indices: null }, ['--device=nvidia.com/gpu=all']],
    ['podman', { vendor: 'nvidia', indices: [2] }, ['--device=nvidia.com/gpu=2']],
    ['docker', { vendor: 'amd', indices: null }, ['--device=/dev/kfd', '--device=/dev/dri']],
    ['docker', { vendor: 'amd', indices: [1] }, ['--device=/dev/kfd', '--device=/dev/dri/renderD129']],
    ['docker', { vendor: 'other', indices: null }, []],
    ['docker', null, []],
  ] as const)('has the GPUs as %s and their vendor need them: %o', (engine, gpus, expected) => {
    const written = gpus && { ...gpus, indices: gpus.indices && [...gpus.indices] };
    const flags = flagsOf({ gpus: written }, engine).filter((flag) => /^--(gpus|device)=/.test(flag));
    expect(flags).toEqual(expected);
  });

  test("gives AMD's the groups of their devices by number", () => {
    const groups = flagsOf({ gpus: { vendor: 'amd', indices: null } }).filter((flag) =>
      flag.startsWith('--group-add'),
    );
    for (const group of groups) expect(group).toMatch(/^--group-add=\d+$/);
  });
});

describe('a volume', () => {
  const volume = (path: string, changes: { optional?: boolean; create?: boolean } = {}) => ({
    ...{ instance_path: join(place, path), path: '/data', mode: 'ro' as const },
    ...{ optional: false, create: false, ...changes },
  });

  test('is mounted as it was written', () => {
    const one = volume('mine');
    expect(flagsOf({ volumes: [one] })).toContain(`--volume=${one.instance_path}:/data:ro`);
  });

  test('is taken as it is where it is there', () => {
    const one = volume('mine', { create: true });
    fs.mkdirSync(one.instance_path, { mode: 0o700 });
    expect(mountable([one])).toEqual({ ok: true, value: [one] });
    expect(fs.statSync(one.instance_path).mode & 0o777).toBe(0o700);
  });

  test('that is missing is an error that says what to write, and nothing is made', () => {
    const one = volume('mistyped');
    expect(mountable([one])).toEqual({
      ok: false,
      error: `volumes: there is no '${one.instance_path}' on this instance; to have it made, write \`create: true\` beside its \`instance_path\`, or \`optional: true\` to do without it`,
    });
    expect(fs.existsSync(one.instance_path)).toBe(false);
  });

  test('that is missing is left out where it is optional', () => {
    const one = volume('none', { optional: true });
    expect(mountable([one])).toEqual({ ok: true, value: [] });
    expect(fs.existsSync(one.instance_path)).toBe(false);
  });

  test('is made where the run says so, for all to write in', () => {
    const one = volume('cache/pip', { create: true });
    expect(mountable([one])).toEqual({ ok: true, value: [one] });
    expect(fs.statSync(one.instance_path).mode & 0o777).toBe(0o777);
  });

  test('that cannot be made is left out where it is optional, and else named', () => {
    fs.writeFileSync(join(place, 'file'), '');
    expect(mountable([volume('file/below', { optional: true, create: true })])).toEqual({
      ok: true,
      value: [],
    });
    expect(mountable([volume('file/below', { create: true })])).toEqual({
      ok: false,
      error: `volumes: '${join(place, 'file/below')}' is not on this instance and cannot be made (ENOTDIR)`,
    });
  });

  test('of a bundle that does not say so is made, as the deployment before had it', () => {
    const { create: _, ...one } = volume('before');
    expect(mountable([one])).toEqual({ ok: true, value: [one] });
    expect(fs.existsSync(one.instance_path)).toBe(true);
  });
});

describe('a variable', () => {
  test('is on no command line: plain ones on the standard input, others in the environment of the client', () => {
    const given = variablesFor({ A: 'a b', LINES: 'one\ntwo', QUOTED: '"q"', EMPTY: '' });
    const names = ['LINES', 'QUOTED', 'EMPTY'];
    const env = { LINES: 'one\ntwo', QUOTED: '"q"', EMPTY: '' };
    expect(given).toEqual({ ok: true, value: { names, env, input: 'A=a b\n' } });
    expect(environmentFlags({ names: ['B'], env: { B: '"b"' }, input: 'A=a\n' })).toEqual([
      '--env-file',
      '/dev/stdin',
      '-e',
      'B',
    ]);
  });

  test.each(['PATH', 'HOME', 'DOCKER_HOST', 'DOCKER_CONFIG', 'LD_PRELOAD', 'https_proxy', 'XDG_RUNTIME_DIR'])(
    'does not lead the client elsewhere: %s',
    (name) => {
      const given = variablesFor({ [name]: '"/evil"' });
      expect(given).toMatchObject({ ok: true, value: { env: {}, input: `${name}="/evil"\n` } });
      expect(variablesFor({ [name]: 'a\nb' })).toEqual({
        ok: false,
        error: `env: ${name} may not have several lines in a container`,
      });
    },
  );
});
