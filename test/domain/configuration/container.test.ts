import { describe, expect, test } from 'vitest';
import { formatPath } from '../../../domain/configuration/problem.ts';
import { parseConfiguration } from '../../../domain/configuration/task.ts';
import { storedTask } from '../../../domain/run/stored-task.ts';

const minimal = { type: 'task', commands: ['true'], image: 'app' };

function accepted(fields: object) {
  const result = parseConfiguration({ ...minimal, ...fields });
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.error)}`);
  return result.value;
}

function refused(fields: object): string[] {
  const result = parseConfiguration({ ...minimal, ...fields });
  return result.ok ? [] : result.error.map(({ path }) => formatPath(path));
}

const stored = (fields: object) => storedTask(accepted(fields)).container;

describe('an image', () => {
  test('alone is a container made for the run, on the network of its instance', () => {
    expect(stored({})).toEqual({
      lifetime: 'per_run',
      name: null,
      runtime: null,
      image: 'app',
      image_tar: null,
      registry_auth: null,
      pull_timeout: 900,
      setup_script: null,
      entrypoint: null,
      privileged: false,
      network: 'host',
      ipc: null,
      volumes: [],
      devices: [],
      cap_add: [],
      security_opt: [],
      group_add: [],
      ulimit: [],
      env: [],
    });
  });

  test('is run in sh, as in dstack, unless something else is said', () => {
    expect(accepted({}).shell).toBe('sh');
    expect(accepted({ shell: 'bash' }).shell).toBe('bash');
    expect(accepted({ image: null }).shell).toBe('bash');
  });

  test.each([
    'ubuntu',
    'ubuntu:24.04',
    'winglian/axolotl-cloud:main-20240429-py3.11-cu121-2.2.1',
    'nvcr.io/nvidia/pytorch:24.04-py3',
    'localhost:5000/team/app',
    'Registry.Example.com:443/a/b__c/d-e.f:Tag_1',
    `ghcr.io/o/app@sha256:${'a1'.repeat(32)}`,
    `app:1@sha256:${'a1'.repeat(32)}`,
  ])('%s', (image) => {
    expect(accepted({ image }).image).toBe(image);
  });

  test.each([
    '',
    ' app',
    '-v',
    'App',
    'a//b',
    'a/',
    ':tag',
    'a:b:c',
    'a@b',
    'a b',
    'http://x/y',
    'a\nb',
    '/a',
  ])('but not %j', (image) => {
    expect(refused({ image })).toEqual(['image']);
  });

  test('needs no commands, nor does an entrypoint', () => {
    expect(accepted({ commands: null }).commands).toEqual([]);
    expect(accepted({ commands: [], entrypoint: 'app --serve' }).entrypoint).toEqual(['app', '--serve']);
    const kept = { lifetime: 'persistent', name: 'tools' };
    expect(refused({ commands: null, container: kept })).toEqual(['commands']);
  });
});

test.each([
  ['bash -c', ['bash', '-c']],
  [`a "b c"'d e' \\"f\\ g`, ['a', 'b cd e', '"f g']],
  ['a ""', ['a', '']],
  ['  a  ', ['a']],
  [
    ['a', 'b c'],
    ['a', 'b c'],
  ],
])('the entrypoint %j is split as a shell would', (entrypoint, words) => {
  expect(accepted({ entrypoint }).entrypoint).toEqual(words);
});

test('volumes are folders of the instance, read-only where they say so', () => {
  const volumes = ['/a:/b', '/c:/d:ro', { instance_path: '/e', path: '/f', optional: true }];
  const args = { volumes: ['/g:/h:rw'] };
  expect(stored({ volumes, container: { args } })?.volumes).toEqual([
    { instance_path: '/a', path: '/b', mode: 'rw', optional: false, create: false },
    { instance_path: '/c', path: '/d', mode: 'ro', optional: false, create: false },
    { instance_path: '/e', path: '/f', mode: 'rw', optional: true, create: false },
    { instance_path: '/g', path: '/h', mode: 'rw', optional: false, create: false },
  ]);
});

describe('container', () => {
  test('says how it is kept and started', () => {
    const args = {
      network: 'bridge',
      ipc: 'host',
      privileged: true,
      devices: ['/dev/kfd', '/dev/dri:/dev/dri:rwm'],
      cap_add: ['SYS_PTRACE'],
      security_opt: ['seccomp=unconfined', 'no-new-privileges'],
      group_add: ['video', '44'],
      ulimit: ['memlock=-1', 'stack=67108864:67108864'],
    };
    const container = { lifetime: 'persistent', name: 'tools', runtime: 'podman', pull_timeout: '20m', args };
    expect(stored({ container })).toMatchObject({
      lifetime: 'persistent',
      name: 'tools',
      runtime: 'podman',
      pull_timeout: 1200,
      ...args,
    });
  });

  test('that runs already needs no image', () => {
    const container = { lifetime: 'no_launch', name: 'tools' };
    expect(stored({ image: null, container })).toMatchObject({ ...container, image: null });
    expect(refused({ image: null, container: { name: 'tools' } })).toEqual(['container']);
  });

  test('is set up by a script of several lines, or a file that somebody else reads', () => {
    const script = (setup_script: unknown) =>
      accepted({ container: { setup_script } }).container?.setup_script;
    expect(script('a\nb\n')).toEqual({ kind: 'content', path: null, content: 'a\nb\n' });
    expect(script('setup.sh')).toEqual({ kind: 'file', path: 'setup.sh' });
    expect(script({ path: 'setup.sh', content: 'a\n' })).toEqual({
      kind: 'content',
      path: 'setup.sh',
      content: 'a\n',
    });
    expect(refused({ container: { setup_script: { path: 'setup.sh', content: ' ' } } })).toHaveLength(1);
    const long = { path: 'setup.sh', content: 'x'.repeat(262_144) };
    expect(refused({ container: { setup_script: long } })).toEqual(['container.setup_script']);
  });

  test('tells no secret where something is wrong with one', () => {
    const told = parseConfiguration({
      ...minimal,
      registry_auth: { username: ['hunter2'], password: 1_234_567 },
      container: { env: ['hunter2', 'A=hunter2\0'] },
    });
    expect(told.ok).toBe(false);
    expect(JSON.stringify(told)).not.toMatch(/hunter2|1234567/);
  });

  test('is stored with the names of its secrets alone', () => {
    const text = JSON.stringify(
      storedTask(
        accepted({
          registry_auth: { username: 'hunter1', password: 'hunter2' },
          container: { env: { A: 'hunter3' } },
        }),
      ),
    );
    expect(text).not.toContain('hunter');
    expect(JSON.parse(text)).toMatchObject({ container: { registry_auth: 'sealed', env: ['A'] } });
  });
});
