import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Content, InstanceType } from '../../../domain/planning/catalogue.ts';
import { DEFAULT_RATES } from '../../../domain/planning/price.ts';
import { decodeCatalogue, encodeCatalogue } from '../../../infra/catalogue/file.ts';
import { decodeType } from '../../../infra/catalogue/row.ts';

const zones = ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'];
const ids = zones.map((name, n) => ({ name, id: `euw1-az${3 - n}` }));
const price = fc.integer({ min: 1, max: 400_000_000 }).map((micros) => micros / 1e6);
const band = fc.option(fc.integer({ min: 0, max: 4 }));

const types: fc.Arbitrary<InstanceType> = fc.subarray(zones, { minLength: 1 }).chain((offered) =>
  fc.record({
    name: fc
      .tuple(fc.constantFrom('c7i-flex', 'm5', 'u-6tb1'), fc.nat(99))
      .map(([family, size]) => `${family}.${size}xlarge`),
    architectures: fc.constantFrom(['x86_64'], ['arm64'], ['i386', 'x86_64'], ['arm64_mac']),
    vcpus: fc.nat(),
    memoryMib: fc.nat(),
    traits: fc.subarray(['previous-generation' as const, 'bare-metal' as const, 'unclustered' as const]),
    zones: fc.constant(offered),
    onDemandPrice: fc.option(price),
    spot: fc.option(
      fc.record({
        pricing: fc.oneof(
          fc.record({ by: fc.constant('saving' as const), percent: fc.integer({ min: 0, max: 100 }) }),
          fc.record({
            by: fc.constant('zone' as const),
            prices: fc.array(fc.option(price), { minLength: offered.length, maxLength: offered.length }),
          }),
        ),
        interruptionBand: band,
      }),
    ),
    gpu: fc.option(
      fc.record({
        vendor: fc.constantFrom('nvidia', 'amd'),
        name: fc.constantFrom('A10G', 'RTX PRO Server 6000'),
        count: fc.nat(16),
        memoryMib: fc.nat(),
      }),
    ),
  }),
);

const contents: fc.Arbitrary<Content> = fc
  .record({
    types: fc.uniqueArray(types, { selector: ({ name }) => name, maxLength: 20 }),
    priceAsOf: fc.constantFrom('2026-02-01', '2026-02-01T10:00:00.123Z'),
    spotAsOf: fc.constantFrom(null, '2026-01-31', '2026-02-01T11:00:00.000Z'),
  })
  .map(({ types, ...asOf }) => ({
    ...{ ...asOf, region: 'eu-west-1', rates: DEFAULT_RATES, zones: ids },
    types: types.toSorted((a, b) => (`${a.name}|` < `${b.name}|` ? -1 : 1)),
  }));

it('a catalogue written and read is the same, under the version that it was written as', () => {
  fc.assert(
    fc.property(contents, (content) => {
      const { text, version } = encodeCatalogue(content);
      expect(decodeCatalogue(JSON.parse(text))).toEqual({ ...content, version });
    }),
  );
});

it('the same zones, types and prices have the same version, whenever they were read; others have another one', () => {
  fc.assert(
    fc.property(contents, contents, (one, other) => {
      const { version } = encodeCatalogue(one);
      expect(encodeCatalogue({ ...one, priceAsOf: '2025-01-01', spotAsOf: null }).version).toBe(version);
      const isSame = JSON.stringify(one.types) === JSON.stringify(other.types);
      expect(encodeCatalogue(other).version === version).toBe(isSame);
    }),
  );
});

it('a file that was changed or cut short is refused', () => {
  fc.assert(
    fc.property(contents, fc.nat(), (content, at) => {
      const file = JSON.parse(encodeCatalogue(content).text) as { types: string[] };
      fc.pre(file.types.length > 0);
      const types = file.types.toSpliced(at % file.types.length, 1);
      expect(() => decodeCatalogue({ ...file, types })).toThrow('damaged');
    }),
  );
});

it('a type in a zone that the catalogue does not have is not written', () => {
  fc.assert(
    fc.property(contents, (content) => {
      fc.pre(content.types.length > 0);
      expect(() => encodeCatalogue({ ...content, zones: [] })).toThrow('no zone of the catalogue');
    }),
  );
});

const malformed = (row: string) => () => decodeType(row, () => ['eu-west-1a']);

it.each([
  ['too few fields', 'm5.large|x86_64|2'],
  ['a price that is none', 'm5.large|x86_64|2|8192|-|0|cheap|-|-'],
  ['an empty number', 'm5.large|x86_64||8192|-|0|0.1|-|-'],
  ['a trait nobody knows', 'm5.large|x86_64|2|8192|q|0|0.1|-|-'],
])('a row with %s is refused, and shown', (_, row) => {
  expect(malformed(row)).toThrow(row);
});
