import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { spotPrice } from '../../../domain/planning/catalogue.ts';
import { decodeCatalogue, encodeCatalogue } from '../../../infra/catalogue/file.ts';
import { loadCatalogue } from '../../../infra/catalogue/load.ts';
import { shipped } from '../../../infra/catalogue/shipped.ts';
import { ec2Facts } from '../../golden/ec2-facts.ts';

const file = new URL('../../../infra/catalogue/us-east-1.json', import.meta.url);

const TRAITS = { previous: 'previous-generation', metal: 'bare-metal', burstable: 'burstable' };

describe('the shipped catalogue of us-east-1', () => {
  it('has every fact that was recorded of EC2, of all 1,345 types', () => {
    const ours = new Map(decodeCatalogue(shipped['us-east-1']).types.map((type) => [type.name, type]));
    expect([ours.size, ec2Facts.length]).toEqual([1345, 1345]);
    for (const { type, architectures, vcpus, mib, kinds, zones, price, spot, gpu } of ec2Facts) {
      const traits = kinds.map((kind) => TRAITS[kind]);
      expect(ours.get(type)).toMatchObject({
        ...{ architectures, vcpus, memoryMib: mib, zones, onDemandPrice: price },
        traits: expect.arrayContaining(traits),
        spot: spot && { interruptionBand: spot.band },
        gpu: gpu && {
          ...{ count: gpu.count, memoryMib: gpu.mib, name: gpu.name },
          vendor: gpu.vendor.toLowerCase(),
        },
      });
      expect(ours.get(type)?.traits.filter((trait) => trait !== 'unclustered')).toHaveLength(traits.length);
    }
  });

  it('has every spot price as the saving that was recorded', () => {
    const ours = new Map(decodeCatalogue(shipped['us-east-1']).types.map((type) => [type.name, type]));
    for (const { type, price, spot } of ec2Facts) {
      const found = ours.get(type);
      if (found === undefined) throw new Error(`${type} is missing`);
      const saved = spot && 100 - (100 * (spotPrice(found, 0) ?? 0)) / price;
      expect(saved && Math.round(saved)).toBe(spot && spot.saving);
    }
  });

  it('knows what EC2 places in no cluster: burstable types, flex ones and the oldest', () => {
    const { types } = decodeCatalogue(shipped['us-east-1']);
    const unclustered = types.filter(({ traits }) => traits.includes('unclustered'));
    expect(new Set(unclustered.map(({ name }) => name.split('.')[0]))).toEqual(
      new Set([
        ...['t1', 't2', 't3', 't3a', 't4g', 'c1', 'm1', 'm2', 'm3', 'vt1'],
        ...['c7i-flex', 'c8i-flex', 'm7i-flex', 'm8i-flex', 'r8i-flex'],
      ]),
    );
  });

  it('is written as the command writes it', () => {
    expect(readFileSync(file, 'utf8')).toBe(encodeCatalogue(decodeCatalogue(shipped['us-east-1'])).text);
  });

  it('has 10,561 offerings when prepared, and is prepared once', () => {
    expect(loadCatalogue('us-east-1').ranked).toHaveLength(10_561);
    expect(loadCatalogue('us-east-1')).toBe(loadCatalogue('us-east-1'));
  });
});

it('a region without a catalogue is refused with the command that makes one', () => {
  expect(() => loadCatalogue('eu-west-1')).toThrow('npm run catalogue -- --region eu-west-1');
});
