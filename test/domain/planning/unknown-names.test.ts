import { describe, expect, it } from 'vitest';
import { type AskedNames, unknownNames } from '../../../domain/planning/unknown-names.ts';
import { catalogueOf, type } from './given.ts';

const gpu = { name: 'A10G', vendor: 'nvidia' as const, count: 1, memoryMib: 22_888 };
const catalogue = catalogueOf(
  type('m5.large'),
  type('m7i.xlarge'),
  type('g5.xlarge', { gpu }),
  type('p4d.24xlarge', { gpu: { ...gpu, name: 'A100' } }),
);

const asked = (names: Partial<AskedNames>): AskedNames => ({
  ...{ instance_types: null, regions: null, availability_zones: null, gpus: [] },
  ...names,
});
const told = (names: Partial<AskedNames>) =>
  unknownNames(catalogue, asked(names)).map(
    ({ path, message, hint }) => `${path.join('.')}: ${message}: ${hint}`,
  );

describe('a name that the catalogue has not got is told, with the one that was meant', () => {
  it.each<[Partial<AskedNames>, string]>([
    [
      { instance_types: ['m5.lrge'] },
      'instance_types.0: EC2 has no instance type m5.lrge in us-east-1: did you mean m5.large?',
    ],
    [
      { instance_types: ['m5.large', 'm7i.xlarg'] },
      'instance_types.1: EC2 has no instance type m7i.xlarg in us-east-1: did you mean m7i.xlarge?',
    ],
    [
      { instance_types: ['m5.large', 'm8i.xlarge'] },
      'instance_types.1: EC2 has no instance type m8i.xlarge in us-east-1: did you mean m7i.xlarge?',
    ],
    [
      { regions: ['us-east1'] },
      'regions.0: nothing can be launched in us-east1: this deployment is in us-east-1: did you mean us-east-1?',
    ],
    [
      { regions: ['eu-central-1'] },
      'regions.0: nothing can be launched in eu-central-1: this deployment is in us-east-1: write us-east-1, leave `regions` out, or deploy Sortie there',
    ],
    [
      { availability_zones: ['us-east-1z'] },
      'availability_zones.0: there is no zone us-east-1z in us-east-1: did you mean us-east-1a or us-east-1b?',
    ],
    [
      { gpus: [{ path: ['resources', 'gpu'], names: ['A10'] }] },
      'resources.gpu: EC2 has no GPU A10 in us-east-1: did you mean A100 or A10G?',
    ],
    [
      { gpus: [{ path: ['groups', 1, 'resources', 'gpu'], names: ['RTX4090'] }] },
      'groups.1.resources.gpu: EC2 has no GPU RTX4090 in us-east-1: there are A100, A10G',
    ],
  ])('%j', (names, expected) => {
    expect(told(names).join('\n')).toBe(expected);
  });
});

describe('a name passes', () => {
  it.each<[string, Partial<AskedNames>]>([
    ['that is known, in any case', { instance_types: ['M5.Large'], gpus: [{ path: [], names: ['a10g'] }] }],
    ['where none is given', {}],
    ['of another cloud beside one that is known', { instance_types: ['m5.large', 'n1-standard-4'] }],
    ['of another region beside one that is known', { regions: ['us-east-1', 'eu-west-1', 'us-central1'] }],
    ['of another cloud’s GPU beside one that is known', { gpus: [{ path: [], names: ['MI300X', 'A10G'] }] }],
  ])('%s', (_, names) => {
    expect(told(names)).toEqual([]);
  });
});
