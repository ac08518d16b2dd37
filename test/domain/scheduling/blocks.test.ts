import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { busyBlocks, freeBlocks } from '../../../domain/instance/claims.ts';
import type { JobSpec } from '../../../domain/job/events.ts';
import { instanceId } from '../../../domain/kernel/ids.ts';
import type { Pooled, Snapshot, Waiting } from '../../../domain/scheduling/snapshot.ts';
import { offer, requirements, T0 } from '../given.ts';
import { catalogueOf, type } from '../planning/given.ts';
import { begun, configured, id, kinds, passOver, released, waiting } from './given-pass.ts';

const gpu = { vendor: 'nvidia', name: 'A10G', count: 4, memoryMib: 24_576 };
const catalogue = catalogueOf(
  type('c5.large', { vcpus: 6, memoryMib: 32_768, onDemandPrice: 0.5 }),
  type('m5.2xlarge', { vcpus: 8, memoryMib: 32_768, zones: ['us-east-1a'] }),
  type('g5.12xlarge', { vcpus: 48, memoryMib: 196_608, onDemandPrice: 5, gpu, zones: ['us-east-1a'] }),
);
const job = (n: number, cpu: string, fields: Partial<JobSpec> = {}, more = {}): Waiting =>
  waiting(n, { requirements: requirements({ resources: { cpu, memory: '1GB..', ...more } }), ...fields });
const eight = { cpus: 8, memory_mib: 32_768, gpus: [], disk_gib: 100, arch: 'x86_64' as const };
/** Of 4 blocks of 2 vCPUs and 8 GB; the first `taken` of them are others'. */
function instance(n: number, taken: number, price = 1, phase: 'up' | 'requested' = 'up'): Pooled {
  const claimed = Array.from({ length: taken }, (_, block) => block);
  return begun(
    n,
    offer({ instance_type: 'm5.2xlarge', price, resources: eight }),
    { type: 'InstanceDivided', blocks: 4, claimed },
    ...(phase === 'up'
      ? ([{ type: 'InstanceLaunched', ec2: `i-${n}` }, { type: 'InstanceReady' }] as const)
      : []),
    ...(taken === 0 ? [released(n)] : []),
  );
}

const fleet = (fields = {}) => configured({ blocks: 4, ...fields });
const pass = (snapshot: Partial<Snapshot>) => passOver(catalogue)({ fleet: fleet(), ...snapshot });

describe('a job in a fleet with blocks', () => {
  test('gets as few of them as do', () => {
    const queue = [job(1, '2'), job(2, '3..'), job(3, '1..')];
    expect(pass({ queue, pool: [instance(7, 0)] })).toMatchObject([
      { kind: 'assign', blocks: [0] },
      { kind: 'assign', blocks: [1, 2] },
      { kind: 'assign', blocks: [3] },
    ]);
  });

  test('goes where the fewest are left that do, then to the cheapest', () => {
    const pool = [instance(5, 0), instance(6, 1), instance(7, 3), instance(8, 1, 0.9)];
    const on = (cpu: string) => {
      const [decision] = pass({ queue: [job(1, cpu)], pool });
      return decision?.kind === 'assign' && decision.instance;
    };
    expect(on('2')).toBe(instanceId(id(7)));
    expect(on('6')).toBe(instanceId(id(8)));
    expect(on('8')).toBe(instanceId(id(5)));
  });

  test('launches what can be cut, and those behind it join it', () => {
    const queue = [job(1, '2'), job(2, '4'), job(3, '4'), job(4, '2')];
    const first = { launchFor: queue[0]?.id };
    expect(pass({ queue })).toMatchObject([
      { kind: 'launch', offer: { instance_type: 'm5.2xlarge' }, cut: { total: 4, taken: [0] } },
      { kind: 'join', ...first, blocks: [1, 2] },
      { kind: 'launch', cut: { total: 4, taken: [0, 1] } },
      { kind: 'join', ...first, blocks: [3] },
    ]);
  });

  test('joins one on its way rather than launch another, but starts on one that is up if it can', () => {
    const pool = [instance(6, 1, 1, 'requested'), instance(7, 0)];
    expect(pass({ queue: [job(1, '2')], pool })).toMatchObject([{ instance: instanceId(id(7)) }]);
    expect(pass({ queue: [job(1, '2')], pool: pool.slice(0, 1) })).toMatchObject([
      { kind: 'assign', instance: instanceId(id(6)), blocks: [1] },
    ]);
  });

  test('has GPUs of its own', () => {
    const queue = [1, 2, 3].map((n) => job(n, '1..', {}, { gpu: 'A10G:2' }));
    expect(pass({ queue })).toMatchObject([
      { kind: 'launch', offer: { instance_type: 'g5.12xlarge' }, cut: { taken: [0, 1] } },
      { kind: 'join', blocks: [2, 3] },
      { kind: 'launch' },
    ]);
  });

  test('that no share of anything fits fails with what stands in the way', () => {
    const [decision] = pass({ queue: [job(1, '1..', {}, { gpu: 'A10G:2' })], fleet: fleet({ blocks: 3 }) });
    expect(decision).toMatchObject({ kind: 'hopeless', message: expect.stringContaining('blocks') });
  });

  test('that waits for more than is free is not overtaken bit by bit by those of lower priority', () => {
    const full = fleet({ nodes: '0..1' });
    const reserved = {
      ...full,
      reservations: [
        {
          ...{ instance: instanceId(id(7)), claim: null, fate: 'stays' as const, reserved_at: T0 },
          ...{ offer: { ...offer(), vcpus: 8 }, paid_until: null },
        },
      ],
    };
    const big = job(1, '8', { priority: 50 });
    const pool = [instance(7, 2)];
    expect(kinds(pass({ queue: [big, job(2, '2')], pool, fleet: reserved }))).toEqual(['wait', 'wait']);
    const same = job(2, '2', { priority: 50 });
    expect(pass({ queue: [big, same], pool, fleet: reserved })[1]).toMatchObject({ kind: 'assign' });
  });
});

test('an instance never has more than it has, whoever comes', () => {
  const jobs = fc.array(fc.record({ cpu: fc.integer({ min: 1, max: 8 }), priority: fc.nat(2) }), {
    maxLength: 30,
  });
  const taken = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 8 });
  fc.assert(
    fc.property(jobs, taken, fc.integer({ min: 1, max: 12 }), (asked, busy, limit) => {
      const queue = asked.map(({ cpu, priority }, n) => job(n, `${cpu}..`, { priority }));
      const pool = busy.map((blocks, n) => instance(n, blocks));
      const decisions = pass({ queue, pool, fleet: fleet({ nodes: `0..${limit}` }) });
      const given = new Map<string, number[]>(pool.map((one) => [one.id, []]));
      for (const one of decisions) {
        if (one.kind === 'launch') given.set(one.job, [...one.cut.taken]);
        if (one.kind === 'assign') given.get(one.instance)?.push(...one.blocks);
        if (one.kind === 'join') given.get(one.launchFor)?.push(...one.blocks);
      }
      for (const [on, blocks] of given) {
        const state = pool.find((one) => one.id === on)?.state;
        expect(new Set(blocks).size).toBe(blocks.length);
        expect(blocks.length + (state ? busyBlocks(state) : 0)).toBeLessThanOrEqual(4);
        if (state) for (const block of blocks) expect(freeBlocks(state)).toContain(block);
      }
      for (const one of decisions) {
        if (!('blocks' in one)) continue;
        const cpus = asked[queue.findIndex(({ id: queued }) => queued === one.job)]?.cpu ?? 0;
        expect(one.blocks.length).toBe(Math.ceil(cpus / 2));
      }
      expect(decisions).toHaveLength(queue.length + decisions.filter(({ kind }) => kind === 'let-go').length);
    }),
  );
});
