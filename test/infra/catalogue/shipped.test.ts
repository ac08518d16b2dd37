import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { spotPrice } from '../../../domain/planning/catalogue.ts';
import { decodeCatalogue, encodeCatalogue } from '../../../infra/catalogue/file.ts';
import { loadCatalogue } from '../../../infra/catalogue/load.ts';
import { catalogueFromRecording } from '../../../infra/catalogue/recorded.ts';
import { shipped } from '../../../infra/catalogue/shipped.ts';

const recording = JSON.parse(
  readFileSync(new URL('../../../../shared/data/ec2-catalog.us-east-1.json', import.meta.url), 'utf8'),
);
const file = new URL('../../../infra/catalogue/us-east-1.json', import.meta.url);

describe('the shipped catalogue of us-east-1', () => {
  it('is the recording of EC2, fact by fact: all 1,345 types', () => {
    const converted = catalogueFromRecording(recording);
    const ours = decodeCatalogue(shipped['us-east-1']);
    expect(ours.types).toHaveLength(1345);
    expect(ours).toEqual({
      ...converted,
      types: converted.types.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    });
  });

  it('has every price and zone of the recording', () => {
    const types = new Map(decodeCatalogue(shipped['us-east-1']).types.map((type) => [type.name, type]));
    for (const { instanceType, zones, onDemandUsdPerHour, spot } of recording.instanceTypes) {
      const ours = types.get(instanceType);
      expect(ours).toMatchObject({ zones, onDemandPrice: onDemandUsdPerHour });
      if (ours === undefined) continue;
      const saved = spot && 100 - (100 * (spotPrice(ours, 0) ?? 0)) / onDemandUsdPerHour;
      expect(saved && Math.round(saved)).toBe(spot?.savingsPercent);
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
    expect(readFileSync(file, 'utf8')).toBe(encodeCatalogue(decodeCatalogue(shipped['us-east-1'])));
  });

  it('has 10,561 offerings when prepared, and is prepared once', () => {
    expect(loadCatalogue('us-east-1').ranked).toHaveLength(10_561);
    expect(loadCatalogue('us-east-1')).toBe(loadCatalogue('us-east-1'));
  });
});

it('a region without a catalogue is refused with the command that makes one', () => {
  expect(() => loadCatalogue('eu-west-1')).toThrow('refresh.ts --region eu-west-1');
});
