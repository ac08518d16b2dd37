import { describe, expect, test } from 'vitest';
import { resolveEnv, unresolvedEnv } from '../../../domain/configuration/env.ts';
import { taskConfiguration } from '../../../domain/configuration/normalized.ts';
import { parseResources } from '../../../domain/configuration/parse-resources.ts';
import { formatPath } from '../../../domain/configuration/problem.ts';
import { DEFAULT_RESOURCES } from '../../../domain/configuration/resources.ts';
import { parseConfiguration } from '../../../domain/configuration/task.ts';

const minimal = { type: 'task', commands: ['echo hi'] };

function accepted(fields: object) {
  const result = parseConfiguration({ ...minimal, ...fields });
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.error)}`);
  return result.value;
}

/** Each problem as `path: message`. */
function refused(value: unknown): string[] {
  const result = parseConfiguration(value);
  if (result.ok) throw new Error('accepted');
  return result.error.map(({ path, message }) => `${formatPath(path)}: ${message}`);
}

const refusedWith = (fields: object): string[] => refused({ ...minimal, ...fields });

describe('a task', () => {
  test('that says nothing but its commands gets the defaults of dstack', () => {
    expect(accepted({})).toEqual({
      type: 'task',
      name: null,
      commands: ['echo hi'],
      env: {},
      image: null,
      registry_auth: null,
      entrypoint: null,
      privileged: null,
      docker: false,
      volumes: [],
      container: null,
      files: [],
      repos: [],
      nodes: 1,
      groups: null,
      startup_order: 'any',
      stop_criteria: 'all-done',
      ssh: false,
      ports: [],
      resources: DEFAULT_RESOURCES,
      spot_policy: 'on-demand',
      cpu_credits: 'standard',
      log_limit: 1,
      max_price: null,
      max_duration: null,
      retry: null,
      stop_duration: 300,
      idle_duration: 300,
      creation_policy: 'reuse-or-create',
      regions: null,
      availability_zones: null,
      instance_types: null,
      instances: null,
      fleets: null,
      priority: 0,
      tags: {},
      working_dir: null,
      shell: 'bash',
      user: null,
    });
  });

  test('that says everything keeps all of it', () => {
    const everything = {
      name: 'train-2',
      env: { A: '1', B: { key: 'B' } },
      nodes: 1,
      resources: { cpu: 'arm:8..', memory: '16GB..', gpu: 'H100:80GB:2', disk: '1TB', shm_size: '8GB' },
      spot_policy: 'auto',
      max_price: 2.5,
      max_duration: '2h',
      retry: { on_events: ['interruption'], duration: '6h' },
      stop_duration: '30s',
      idle_duration: '1d',
      creation_policy: 'reuse',
      regions: ['us-east-1', 'us-west4'],
      availability_zones: ['us-east-1a', 'us-east-1-bos-1a'],
      instance_types: ['g6.xlarge', 'u-6tb1.metal'],
      priority: 100,
      tags: { team: 'research', 'cost center': 'a/b+c@d' },
      working_dir: '/work',
      shell: '/usr/bin/zsh',
      user: 'ubuntu',
    };
    const read = accepted(everything);
    expect(read).toMatchObject({
      ...everything,
      resources: { cpu: { arch: 'arm', count: { min: 8, max: null } }, shm_size: 8 },
      max_duration: 7200,
      retry: { on_events: ['interruption'], duration: 21_600 },
      stop_duration: 30,
      idle_duration: 86_400,
    });
    expect(taskConfiguration.parse(read)).toEqual(read);
  });

  test.each([
    ['off', null, null, null],
    [false, null, null, null],
    [true, null, 300, 300],
    [null, null, 300, 300],
  ])('with durations of %j has the meaning of dstack', (said, max, stop, idle) => {
    expect(accepted({ max_duration: said, stop_duration: said, idle_duration: said })).toMatchObject({
      max_duration: max,
      stop_duration: stop,
      idle_duration: idle,
    });
  });

  test('with idle_duration -1 keeps its instance; with 0 it ends at once', () => {
    expect(accepted({ idle_duration: -1 }).idle_duration).toBeNull();
    expect(accepted({ idle_duration: 0, stop_duration: 0 })).toMatchObject({
      idle_duration: 0,
      stop_duration: 0,
    });
  });

  const every = ['no-capacity', 'interruption', 'error'];
  test.each([
    [true, { on_events: every, duration: 3600 }],
    [false, null],
    [{}, { on_events: every, duration: 3600 }],
    [
      { on_events: null, duration: null },
      { on_events: every, duration: 3600 },
    ],
    [{ duration: 90 }, { on_events: every, duration: 90 }],
    [
      { on_events: ['error', 'no-capacity', 'error'] },
      { on_events: ['no-capacity', 'error'], duration: 3600 },
    ],
  ])('with a retry of %j has the meaning of dstack', (said, retry) => {
    expect(accepted({ retry: said }).retry).toEqual(retry);
  });

  test('with a field of null is as without it', () => {
    const nothing = Object.fromEntries(Object.keys(accepted({})).map((field) => [field, null]));
    expect(accepted({ ...nothing, ...minimal })).toEqual(accepted({}));
  });
});

describe('what is refused', () => {
  test.each([
    [null, ': a configuration is a map of fields, not nothing'],
    ['task', ': a configuration is a map of fields, not "task"'],
    [[minimal], ': a configuration is a map of fields, not a list'],
    [{ commands: ['a'] }, 'type: is missing'],
    [{ type: 'tsk' }, 'type: unknown type "tsk", did you mean `task`?'],
    [{ type: 'service', port: 80 }, 'type: `service` is not supported yet'],
    [{ type: 'task' }, 'commands: is missing: a task has a list of commands'],
  ])('%j', (value, problem) => {
    expect(refused(value)).toContain(problem);
  });

  test('every problem is told at once', () => {
    expect(
      refusedWith({ name: 'Up', nodes: 65, nvcc: '3', comands: 1, priority: 101, shell: 'zsh' }),
    ).toEqual([
      'name: "Up" is not a name: 2 to 41 lower-case letters, digits and dashes, a letter first',
      'nodes: 65 is more than a run can have: at most 48 nodes',
      'priority: must be at most 100',
      'shell: must be `sh`, `bash` or an absolute path, not "zsh"',
      'nvcc: `nvcc` is not supported yet',
      'comands: unknown field `comands`, did you mean `commands`?',
    ]);
  });

  test('at most 50 problems are told, and how many more there are', () => {
    const told = refusedWith(Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`zz${i}`, 1])));
    expect(told).toHaveLength(51);
    expect(told.at(-1)).toBe(': and 10 more problems');
  });

  test.each(['../etc', 'a/b', 'a\0b', '😀', 'A', 'x', '', 'a'.repeat(42), 'é', 'a b', '1a'])(
    'the name %j',
    (name) => {
      expect(refusedWith({ name })).toHaveLength(1);
    },
  );

  test('`__proto__`, wherever it is', () => {
    for (const text of [
      '{"__proto__": {"type": "task"}}',
      '{"env": {"__proto__": "1"}}',
      '{"tags": {"__proto__": "1"}}',
      '{"resources": {"gpu": {"__proto__": 1}}}',
    ]) {
      const problems = refused({
        ...minimal,
        ...JSON.parse(text),
        ['__proto__' as string]: JSON.parse(text),
      });
      expect(problems).toHaveLength(1);
    }
    expect(refused(JSON.parse('{"type":"task","commands":["a"],"env":{"__proto__":"1"}}'))).toEqual([
      'env.__proto__: the name `__proto__` is not allowed',
    ]);
    expect(refusedWith({ env: ['__proto__=1'] })).toEqual(['env[0]: the name `__proto__` is not allowed']);
  });

  test('a value as deep as it is long', () => {
    const deep = JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`);
    expect(refusedWith({ env: deep })[0]).toMatch(/is nested too deeply$/);
  });

  test('tags that AWS or Sortie keeps for itself', () => {
    expect(
      refusedWith({
        tags: { 'AWS:x': '1', 'Sortie:x': '1', Name: 'x', 'a!': '', b: 'aws:1', c: 3, d: 'x'.repeat(257) },
      }),
    ).toEqual([
      'tags.AWS:x: "AWS:x" starts with `aws:`, which AWS keeps for itself',
      'tags.Sortie:x: "Sortie:x" is reserved: Sortie sets the sortie:* tags itself',
      'tags.Name: `Name` is reserved: Sortie names the instances it launches',
      'tags.a!: "a!" has characters that AWS does not take in tags',
      'tags.b: "aws:1" starts with `aws:`, which AWS keeps for itself',
      'tags.c: must be text, not 3',
      `tags.d: "${'x'.repeat(60)}"… has 257 characters; a tag value has at most 256`,
    ]);
    const many = Object.fromEntries(Array.from({ length: 41 }, (_, i) => [`t${i}`, '1']));
    expect(refusedWith({ tags: many })).toEqual([
      'tags: has 41 tags; at most 40 are taken (EC2 allows 50, Sortie sets some)',
    ]);
  });

  test('more text than a run may carry', () => {
    expect(refusedWith({ commands: ['x'.repeat(262_144)] })[0]).toMatch(
      /^commands: is 256\.0 KB as JSON together/,
    );
    expect(refusedWith({ commands: ['"'.repeat(140_000)] })[0]).toMatch(/^commands: is 273\.4 KB as JSON/);
    expect(accepted({ commands: ['x'.repeat(262_100)] }).commands).toHaveLength(1);
    expect(refusedWith({ env: [`A=${'x'.repeat(131_070)}`] })).toEqual([
      'env[0]: `A` is 131072 bytes with its value; Linux takes at most 131071',
    ]);
  });

  test('references that dstack would replace', () => {
    expect(refusedWith({ commands: ['curl ${{ secrets.token }}'] })).toEqual([
      'commands[0]: `${{ secrets.token }}` is not replaced in commands',
    ]);
    expect(accepted({ commands: ['echo "${{ github.sha }}"'] }).commands).toHaveLength(1);
  });
});

describe("what a configuration of dstack's may say too", () => {
  test.each([
    [{ backends: ['aws'] }, {}],
    [{ backends: ['gcp', 'aws'] }, {}],
    [{ user: 1000 }, { user: '1000' }],
    [{ env: { LR: 0.001, EPOCHS: 3 } }, { env: { LR: '0.001', EPOCHS: '3' } }],
    [{ env: ['DSTACK_TOKEN=x'] }, { env: { DSTACK_TOKEN: 'x' } }],
    [{ fleets: [{ name: 'small' }, 'main/large'] }, { fleets: ['small', 'main/large'] }],
    [{ fleets: [{ name: 'small', project: 'main' }] }, { fleets: ['main/small'] }],
    [{ instances: [{ hostname: 'i-01' }, 'i-02'] }, { instances: ['i-01', 'i-02'], fleets: null }],
    [{ instances: [{ fleet: 'small', instance: 'i-01' }] }, { instances: ['i-01'], fleets: ['small'] }],
    [
      { ports: [8080, '80:8000', '*:22', { container_port: 90 }] },
      {
        ports: [
          { local_port: 8080, container_port: 8080 },
          { local_port: 80, container_port: 8000 },
          { local_port: null, container_port: 22 },
          { local_port: 90, container_port: 90 },
        ],
      },
    ],
  ])('%j', (fields, read) => {
    expect(accepted(fields)).toMatchObject(read);
  });

  test('a fleet that is named with an instance has to be one of those named', () => {
    const instances = [{ fleet: 'small', instance: 'i-01' }];
    expect(refusedWith({ instances, fleets: ['large'] })).toEqual([
      'fleets: do not have small, which `instances` name',
    ]);
  });
});

describe('env', () => {
  test('never shows a value that is wrong', () => {
    const told = refusedWith({ env: ['s3cret-token', 'B=s3cret\0', 'SORTIE_TOKEN=s3cret'] });
    expect(told).toHaveLength(3);
    expect(told.join()).not.toContain('s3cret');
    expect(
      refusedWith({ env: { A: true, B: null, C: ['s3cret'], D: { key: 's3cret' } } }).join(),
    ).not.toMatch(/s3cret|true/);
  });

  test('keeps the names that objects inherit', () => {
    const { env } = accepted({ env: ['constructor=1', 'toString=2'] });
    expect(Object.entries(env)).toEqual([
      ['constructor', '1'],
      ['toString', '2'],
    ]);
  });

  test('without a value is taken from the submitter', () => {
    const task = accepted({ env: ['A=1', 'HF_TOKEN', 'C='] });
    expect(unresolvedEnv(task)).toEqual([['env', 'HF_TOKEN']]);
    expect(resolveEnv(task, (name) => `of ${name}`)).toEqual({
      ok: true,
      value: { env: { A: '1', HF_TOKEN: 'of HF_TOKEN', C: '' }, container: {} },
    });
    expect(resolveEnv(task, () => undefined)).toEqual({
      ok: false,
      error: [
        {
          path: ['env', 'HF_TOKEN'],
          message: '`HF_TOKEN` has no value, here or in your environment',
          hint: 'run `export HF_TOKEN=…` first, or write HF_TOKEN=value under `env`',
        },
      ],
    });
    expect(resolveEnv(task, () => 'a\0b')).toMatchObject({ ok: false });
  });
});

test('resources can be read by themselves, with paths that start at the fields', () => {
  expect(parseResources({ gpu: 'L4' })).toMatchObject({ ok: true, value: { gpu: { name: ['L4'] } } });
  expect(parseResources({ gpus: 1, gpu: { nam: 'x' } })).toMatchObject({
    error: [
      { path: ['gpu', 'nam'], message: 'unknown field `nam`, did you mean `name`?' },
      { path: ['gpus'], message: 'unknown field `gpus`, did you mean `gpu`?' },
    ],
  });
});
