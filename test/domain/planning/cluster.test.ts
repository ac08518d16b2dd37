import { describe, expect, test } from 'vitest';
import { parseFleet } from '../../../domain/configuration/fleet.ts';
import { isPlaceable } from '../../../domain/fleet/placeable.ts';
import { storedFleet } from '../../../domain/fleet/stored-fleet.ts';
import { termsOf } from '../../../domain/fleet/terms.ts';
import { planOffers } from '../../../domain/planning/plan.ts';
import { catalogueOf, context, request, type } from './given.ts';

const stored = (fields: Record<string, unknown> = {}) => {
  const read = parseFleet({ type: 'fleet', name: 'small', placement: 'cluster', ...fields });
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return storedFleet(read.value, 20);
};
const burstable = type('t3.xlarge', { traits: ['burstable', 'unclustered'] });
const catalogue = catalogueOf(burstable, type('m5.xlarge'));
const planned = (zone: string | null) => {
  const terms = { ...termsOf(stored()), cluster: { zone } };
  return planOffers(catalogue, request(), context({ terms }));
};

describe('a plan in a fleet with placement: cluster', () => {
  test('has the types that EC2 places so, in every zone while the fleet is empty', () => {
    const { offers, rejected } = planned(null);
    expect(offers.map((one) => `${one.instance_type} ${one.zone}`)).toEqual([
      'm5.xlarge us-east-1a',
      'm5.xlarge us-east-1b',
    ]);
    expect(rejected).toMatchObject([
      { reason: 'placement', count: 2, asked: 'cluster (fleet)', has: 'in no cluster placement group' },
    ]);
  });

  test('has those in the zone of its instances alone, while there are any', () => {
    const { offers, rejected } = planned('us-east-1b');
    expect(offers.map(({ zone }) => zone)).toEqual(['us-east-1b']);
    expect(rejected.at(-1)).toMatchObject({ reason: 'cluster_zone', count: 1, asked: 'us-east-1b (fleet)' });
  });
});

test('a fleet is placeable if EC2 takes something that it lets in, or if it lets in nothing at all', () => {
  expect(isPlaceable(catalogue, null, stored())).toBe(true);
  expect(isPlaceable(catalogue, null, stored({ instance_types: ['t3.xlarge', 'm5.xlarge'] }))).toBe(true);
  expect(isPlaceable(catalogue, null, stored({ instance_types: ['t3.xlarge'] }))).toBe(false);
  expect(isPlaceable(catalogue, null, stored({ instance_types: ['x1.made-up'] }))).toBe(true);
  const any = stored({ placement: 'any', instance_types: ['t3.xlarge'] });
  expect(isPlaceable(catalogue, null, any)).toBe(true);
});

test('an arm type is as placeable as any', () => {
  const arm = catalogueOf(type('t4g.small', { architectures: ['arm64'], traits: ['unclustered'] }));
  expect(isPlaceable(arm, null, stored())).toBe(false);
  const graviton = catalogueOf(type('m7g.large', { architectures: ['arm64'] }));
  expect(isPlaceable(graviton, null, stored())).toBe(true);
});
