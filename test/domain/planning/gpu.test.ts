import { describe, expect, it } from 'vitest';
import { computeCapability, gpuKey, nominalGib } from '../../../domain/planning/gpu.ts';
import { planOffers } from '../../../domain/planning/plan.ts';
import type { GpuRequest } from '../../../domain/planning/requirements.ts';
import { loadCatalogue } from '../../../infra/catalogue/load.ts';
import { context, request } from './given.ts';

const catalogue = loadCatalogue('us-east-1');

/** The families of the types that fit a request for GPUs. */
function families(gpu: Partial<GpuRequest>): string[] {
  const { offers } = planOffers(catalogue, request({ resources: { gpu } }), context());
  return [...new Set(offers.map((offer) => offer.instance_type.split('.')[0] ?? ''))].sort();
}
const one = { min: 1, max: null };

describe('the size of a GPU', () => {
  it.each([
    ['A10G', 1, 22_888, 24],
    ['L4', 4, 22_888, 24],
    ['L40S', 1, 45_776, 48],
    ['A100', 8, 40_960, 40],
    ['A100', 8, 81_920, 80],
    ['H200', 8, 144_384, 141],
    ['B200', 8, 183_359, 180],
    ['RTX PRO Server 6000', 1, 98_304, 96],
    ['L4', 0, 2_861, 3],
    ['L4', 0, 5_722, 6],
    ['L4', 0, 11_444, 12],
    ['one nobody knows', 1, 22_888, 22],
  ])('%s × %i of %i MiB is sold as %i GB', (name, count, memoryMib, sold) => {
    expect(nominalGib({ name, count, memoryMib })).toBe(sold);
  });
});

describe('a request for GPUs', () => {
  it('by size gets all models of that size', () => {
    expect(families({ count: one, memory: { min: 24, max: 24 } })).toEqual(['g5', 'g6', 'gr6']);
    expect(families({ count: one, memory: { min: 40, max: 80 } })).toEqual(['g6e', 'p4d', 'p4de', 'p5']);
  });

  it('takes names in any case, and those that users know for those that EC2 has', () => {
    expect(families({ count: one, name: ['a10g'] })).toEqual(['g5']);
    expect(families({ count: one, name: ['T4', 'h100'] })).toEqual(['g4dn', 'p5']);
    expect(families({ count: one, name: ['RTXPRO6000'] })).toEqual(['g7e']);
    expect(gpuKey('RTX PRO Server 6000')).toBe(gpuKey('rtxpro6000'));
  });

  it('by vendor gets that vendor alone', () => {
    expect(families({ count: one, vendor: 'amd' })).toEqual(['g4ad']);
    expect(families({ count: one, vendor: 'intel' })).toEqual([]);
  });

  it('by count gets machines with that many, by total memory those that add up to it', () => {
    const eight = { min: 8, max: 8 };
    expect(families({ count: eight, memory: { min: 80, max: null } })).toEqual([
      'g7e',
      'p4de',
      'p5',
      'p5en',
      'p6-b200',
      'p6-b300',
    ]);
    expect(families({ count: one, total_memory: { min: 1100, max: 1200 } })).toEqual(['p5en']);
  });

  it('by compute capability gets NVIDIA GPUs from there on', () => {
    expect(families({ count: one, compute_capability: [9, 0] })).toEqual([
      'g7',
      'g7e',
      'p5',
      'p5en',
      'p6-b200',
      'p6-b300',
    ]);
    expect(computeCapability('Radeon Pro V520')).toBeNull();
  });

  it('gets a fraction of a GPU only where it says how much memory it takes', () => {
    expect(families({ count: one, name: ['L4'] })).toEqual(['g6', 'gr6']);
    expect(families({ count: one, name: ['L4'], memory: { min: 3, max: null } })).toEqual([
      'g6',
      'g6f',
      'gr6',
      'gr6f',
    ]);
    expect(families({ count: one, name: ['L4'], memory: { min: 12, max: 12 } })).toEqual(['g6f', 'gr6f']);
    expect(families({ count: one, memory: { min: null, max: 12 } })).toEqual(['g4ad']);
  });

  it('gets an Arm machine where the GPU named comes beside no other', () => {
    expect(families({ count: one, name: ['T4g'] })).toEqual(['g5g']);
    expect(families({ count: one, name: ['T4', 'T4g'] })).toEqual(['g4dn']);
  });

  it('for none gets no machine with one; for none or more gets both', () => {
    const none = families({ count: { min: 0, max: 0 } });
    expect(none).toContain('m5');
    expect(none).not.toContain('g5');
    expect(families({ count: { min: 0, max: null } })).toEqual(expect.arrayContaining(['m5', 'g5']));
  });

  it('does not count Trainium and Inferentia as GPUs, which dstack has no word for', () => {
    expect(families({ count: one })).not.toEqual(expect.arrayContaining(['trn1']));
    expect(families({})).toEqual(expect.arrayContaining(['trn1', 'inf2']));
  });
});
