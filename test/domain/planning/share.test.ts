import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planOffers } from '../../../domain/planning/plan.ts';
import type { Range } from '../../../domain/planning/requirements.ts';
import { cutInto, devicesOf, shareOfOffer } from '../../../domain/planning/share.ts';
import { offer } from '../given.ts';
import { catalogueOf, context, request, type } from './given.ts';

const machine = (vcpus: number, gpus: number | null) => ({
  vcpus,
  gpu: gpus === null ? null : { count: gpus },
});

describe('an instance', () => {
  test('is cut where its vCPUs and its GPUs can be divided', () => {
    expect(cutInto(machine(8, null), 4)).toBe(4);
    expect(cutInto(machine(6, null), 4)).toBeNull();
    expect(cutInto(machine(48, 4), 4)).toBe(4);
    expect(cutInto(machine(48, 4), 8)).toBeNull();
    expect(cutInto(machine(192, 8), 2)).toBe(2);
  });

  test('is cut as often as can be: once for each GPU, or for each vCPU where there are none', () => {
    expect(cutInto(machine(8, null), 'auto')).toBe(8);
    expect(cutInto(machine(192, 8), 'auto')).toBe(8);
    expect(cutInto(machine(36, 8), 'auto')).toBe(4);
  });

  test('with a fraction of a GPU is cut no further', () => {
    expect(cutInto(machine(4, 0), 2)).toBeNull();
    expect(cutInto(machine(4, 0), 'auto')).toBe(1);
  });
});

describe('a share', () => {
  const gpus = [{ vendor: 'nvidia', name: 'A10G', count: 4, memory_mib: 22_888 }];
  const whole = offer({
    price: 5.672,
    resources: { cpus: 48, memory_mib: 196_608, gpus, disk_gib: 100, arch: 'x86_64' },
  });

  test('is its part of vCPUs, memory, GPUs and price; the disk is everybody’s', () => {
    expect(shareOfOffer(whole, { total: 4, taken: [1] })).toMatchObject({
      price: 1.418,
      resources: { cpus: 12, memory_mib: 49_152, gpus: [{ count: 1, memory_mib: 22_888 }], disk_gib: 100 },
    });
    expect(shareOfOffer(whole, { total: 1, taken: [0] })).toEqual(whole);
  });

  test('has GPUs of its own', () => {
    expect(devicesOf(whole, { total: 2, taken: [1] })).toEqual([2, 3]);
    expect(devicesOf(whole, { total: 4, taken: [0, 3] })).toEqual([0, 3]);
  });

  test('and the others are together no more than the whole', () => {
    const some = fc.record({
      cpus: fc.integer({ min: 1, max: 200 }),
      count: fc.integer({ min: 1, max: 16 }),
      blocks: fc.oneof(fc.integer({ min: 1, max: 16 }), fc.constant('auto' as const)),
    });
    fc.assert(
      fc.property(some, ({ cpus, count, blocks }) => {
        const total = cutInto(machine(cpus, count), blocks);
        fc.pre(total !== null);
        const one = offer({
          resources: { ...whole.resources, cpus, gpus: gpus.map((gpu) => ({ ...gpu, count })) },
        });
        const shares = Array.from({ length: total }, (_, block) => ({ total, taken: [block] }));
        const sum = (of: (share: ReturnType<typeof shareOfOffer>) => number) =>
          shares.reduce((all, share) => all + of(shareOfOffer(one, share)), 0);
        expect(sum(({ resources }) => resources.cpus)).toBe(cpus);
        expect(sum(({ resources }) => resources.memory_mib)).toBeLessThanOrEqual(whole.resources.memory_mib);
        const devices = shares.flatMap((share) => devicesOf(one, share));
        expect(devices).toEqual(Array.from({ length: count }, (_, n) => n));
      }),
    );
  });
});

describe('a plan in a fleet with blocks', () => {
  const any = { min: null, max: null };
  const terms = (blocks: number | 'auto', cpu: Range = any) => ({
    ...request({ resources: { cpu: { arch: null, count: cpu }, disk: { size: any } } }),
    blocks,
    cluster: null,
    spot_price: 'may rise' as const,
  });
  const cpus = (min: number, max: number | null = null) =>
    request({ resources: { cpu: { arch: null, count: { min, max } } } });
  const catalogue = catalogueOf(type('m5.large', { vcpus: 6 }), type('m5.2xlarge', { vcpus: 8 }));

  test('leaves out what cannot be cut, and says so', () => {
    const plan = planOffers(catalogue, cpus(1), context({ terms: terms(4) }));
    expect(plan.offers.map((one) => one.instance_type)).toEqual(['m5.2xlarge', 'm5.2xlarge']);
    expect(plan.rejected).toMatchObject([{ reason: 'blocks', count: 2, has: '6 vCPUs, GPUs: none' }]);
  });

  test('gives a job as many blocks as it needs, and up to all', () => {
    for (const asked of [cpus(2, 2), cpus(3), cpus(8)])
      expect(planOffers(catalogue, asked, context({ terms: terms(4) })).total_offers).toBe(2);
    const nine = planOffers(catalogue, cpus(9), context({ terms: terms(4) }));
    expect(nine.total_offers).toBe(0);
    expect(nine.nearest[0]?.missing).toEqual([{ reason: 'cpu', asked: '9..', has: '8' }]);
  });

  test('asks of whole instances what the fleet lets in', () => {
    const eight = { min: 8, max: 8 };
    expect(planOffers(catalogue, cpus(2, 2), context({ terms: terms(4, eight) })).total_offers).toBe(2);
  });
});
