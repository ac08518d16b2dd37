import { describe, expect, test } from 'vitest';
import { parseApplicable } from '../../../domain/configuration/configuration.ts';
import { parseFleet } from '../../../domain/configuration/fleet.ts';
import { formatPath } from '../../../domain/configuration/problem.ts';

const read = (fields: Record<string, unknown> = {}) =>
  parseFleet({ type: 'fleet', name: 'small', ...fields });

function accepted(fields: Record<string, unknown>) {
  const result = read(fields);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}
function refused(fields: Record<string, unknown>) {
  const result = read(fields);
  return result.ok ? [] : result.error.map(({ path, message }) => `${formatPath(path)}: ${message}`);
}

describe('a fleet', () => {
  test('that says nothing but its name takes anything, as many as the deployment allows', () => {
    expect(accepted({})).toEqual({
      type: 'fleet',
      name: 'small',
      nodes: { min: 0, target: 0, max: null },
      placement: 'any',
      blocks: 1,
      health: null,
      resources: { cpu: null, memory: null, gpu: null, disk: null },
      idle_duration: null,
      spot_policy: null,
      max_price: null,
      regions: null,
      availability_zones: null,
      instance_types: null,
      tags: {},
      limits: { instances: null, vcpus: null, price_per_hour: null, budget: null },
    });
  });

  test('has a name: it is what a second apply finds it by', () => {
    expect(refused({ name: undefined })).toEqual(['name: is missing: a name']);
    expect(refused({ name: 'My Fleet' })[0]).toContain('is not a name');
  });

  test('names what it lets in, and leaves the rest open', () => {
    const { resources } = accepted({ resources: { gpu: '24GB..', memory: '32GB..' } });
    expect(resources).toMatchObject({ cpu: null, memory: { min: 32, max: null }, disk: null });
    expect(resources.gpu).toMatchObject({ count: { min: 1 }, memory: { min: 24 } });
  });

  test('cuts its instances into blocks, or into as many as can be', () => {
    expect(accepted({ blocks: 4 }).blocks).toBe(4);
    expect(accepted({ blocks: 'auto' }).blocks).toBe('auto');
    for (const wrong of [0, -1, 1.5, 'four', [4]])
      expect(refused({ blocks: wrong })).toEqual([
        expect.stringMatching(/^blocks: must be a whole number of at least 1, or `auto`, not /),
      ]);
  });

  test('has its instances anywhere, or in one cluster', () => {
    expect(accepted({ placement: 'any' }).placement).toBe('any');
    expect(accepted({ placement: 'cluster' }).placement).toBe('cluster');
    expect(refused({ placement: 'spread' })).toEqual(['placement: must be `any` or `cluster`, not "spread"']);
  });

  test('has its nodes checked, by all that is built in or by what it says', () => {
    const all = { checks: ['disk', 'memory', 'gpu'], script: null, timeout: 30 };
    expect(accepted({ health: true }).health).toEqual(all);
    expect(accepted({ health: {} }).health).toEqual(all);
    expect(accepted({ health: false }).health).toBeNull();
    const script = 'mountpoint /data\ntest -w /data\n';
    expect(accepted({ health: { checks: [], script, timeout: '2m' } }).health).toEqual({
      ...{ checks: [], script, timeout: 120 },
    });
  });

  test.each([
    ['yes', 'health: must be true, or a map of `checks`, `script` and `timeout`, not "yes"'],
    [{ checks: [] }, 'health: checks nothing'],
    [{ checks: ['disc'] }, 'health.checks[0]: must be `disk`, `memory` or `gpu`, not "disc"'],
    [{ script: ' ' }, 'health.script: is empty'],
    [{ script: 'x'.repeat(16_385) }, 'health.script: is longer than 16 KB'],
    [{ timeout: '1h' }, 'health.timeout: must be from 1s to 10m, not 3600'],
    [{ check: ['disk'] }, 'health.check: unknown field `check`, did you mean `checks`?'],
  ])('is not checked by %j', (health, message) => {
    expect(refused({ health })).toEqual([message]);
  });

  test('keeps idle instances as long as it says', () => {
    expect(accepted({ idle_duration: '1h' }).idle_duration).toBe(3600);
    expect(accepted({ idle_duration: 'off' }).idle_duration).toBe('never');
  });

  test('has limits', () => {
    const limits = { instances: 4, vcpus: 32, price_per_hour: 2.5, budget: 100 };
    expect(accepted({ limits }).limits).toEqual(limits);
    expect(accepted({ limits: { budget: 100 } }).limits).toMatchObject({ instances: null, budget: 100 });
    expect(refused({ limits: { instances: 0, budget: -1, vcpu: 3 } })).toEqual([
      'limits.instances: must be at least 1',
      'limits.budget: must be more than 0 dollars, not -1',
      'limits.vcpu: unknown field `vcpu`, did you mean `vcpus`?',
    ]);
  });
});

describe('nodes', () => {
  test.each([
    ['0..4', { min: 0, target: 0, max: 4 }],
    ['0..', { min: 0, target: 0, max: null }],
    ['..4', { min: 0, target: 0, max: 4 }],
    [{ max: 3 }, { min: 0, target: 0, max: 3 }],
    [2, { min: 2, target: 2, max: 2 }],
    ['2..10', { min: 2, target: 2, max: 10 }],
    [{ target: 2 }, { min: 0, target: 2, max: null }],
    [
      { min: 1, target: 3, max: 4 },
      { min: 1, target: 3, max: 4 },
    ],
  ])('%j', (written, nodes) => {
    expect(accepted({ nodes: written }).nodes).toEqual(nodes);
  });

  test.each([
    ['4..1', 'nodes: the range "4..1" runs backwards'],
    [0, 'nodes: a fleet of 0 nodes could run nothing'],
    [{ min: 3, target: 2 }, 'nodes: min 3, target 2 and max nothing are not in order'],
    [{ min: 1, max: 'x' }, 'nodes.max: must be a whole number of nodes, not "x"'],
    [{ mim: 1 }, 'nodes.mim: unknown field `mim`, did you mean `min`?'],
    ['many', 'nodes: "many" is not a whole number'],
    ['0..3001', 'nodes: a fleet has at most 3000 nodes'],
    [3001, 'nodes: a fleet has at most 3000 nodes'],
  ])('%j is refused', (written, message) => {
    expect(refused({ nodes: written })).toEqual([message]);
  });
});

test('nodes kept without a run fit under the limit on instances, and have no budget yet', () => {
  expect(refused({ nodes: 3, limits: { instances: 2, budget: 10 } })).toEqual([
    'limits.instances: is less than the 3 nodes to begin with',
    'limits.budget: is not supported yet for nodes kept without a run',
  ]);
});

test('a fleet has no more instances than its state has room for', () => {
  expect(accepted({ limits: { instances: 3000 } }).limits.instances).toBe(3000);
  expect(refused({ limits: { instances: 3001 } })).toEqual(['limits.instances: must be at most 3000']);
});

describe('fields that a fleet does not have', () => {
  test.each([
    [{ ssh_config: {} }, 'ssh_config: `ssh_config` is not supported yet'],
    [{ backends: ['gcp'] }, 'backends: "gcp" is not supported: every run goes to EC2'],
    [{ commands: ['true'] }, 'commands: `commands` belongs to `type: task`'],
    [{ max_prize: 2 }, 'max_prize: unknown field `max_prize`, did you mean `max_price`?'],
    [{ cpu: 2 }, 'cpu: `cpu` belongs under `resources`'],
    [{ resources: { shm: 1 } }, 'resources.shm: unknown field `shm`'],
  ])('%j', (fields, message) => {
    expect(refused(fields)[0]).toContain(message);
  });
});

test('the only backend there is and shared memory, which bar nothing, are taken', () => {
  expect(accepted({ backends: ['aws', 'gcp'], resources: { shm_size: '8GB' } })).toEqual(accepted({}));
});

describe('what may be applied', () => {
  test('is a task or a fleet, as its type says', () => {
    const task = parseApplicable({ type: 'task', commands: ['true'], fleets: ['small'] });
    expect(task.ok && task.value).toMatchObject({ type: 'task', fleets: ['small'] });
    const fleet = parseApplicable({ type: 'fleet', name: 'small' });
    expect(fleet.ok && fleet.value.type).toBe('fleet');
    const other = parseApplicable({ type: 'fleets' });
    expect(other.ok ? [] : other.error[0]?.message).toBe('unknown type "fleets", did you mean `fleet`?');
  });

  test.each([null, 3, [], {}, { type: 'task' }])('%j is no fleet', (value) => {
    expect(parseFleet(value).ok).toBe(false);
  });
});
