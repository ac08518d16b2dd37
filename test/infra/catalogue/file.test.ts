import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Catalogue, InstanceType } from '../../../domain/planning/catalogue.ts';
import { DEFAULT_RATES } from '../../../domain/planning/price.ts';
import { decodeCatalogue, encodeCatalogue } from '../../../infra/catalogue/file.ts';

const zones = ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'];
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

it('a catalogue written and read is the same', () => {
  const catalogues = fc.uniqueArray(types, { selector: ({ name }) => name, maxLength: 20 });
  fc.assert(
    fc.property(catalogues, fc.constantFrom(null, '2026-01-31'), (some, spotAsOf) => {
      const rows = some.toSorted((a, b) => (`${a.name}|` < `${b.name}|` ? -1 : 1));
      const of = { region: 'eu-west-1', priceAsOf: '2026-02-01', spotAsOf };
      const catalogue: Catalogue = { ...of, rates: DEFAULT_RATES, types: rows };
      expect(decodeCatalogue(JSON.parse(encodeCatalogue(catalogue)))).toEqual(catalogue);
    }),
  );
});

const one = { region: 'eu-west-1', priceAsOf: '2026-02-01', spotAsOf: null, zones: ['eu-west-1a'] };

it.each([
  ['too few fields', 'm5.large|x86_64|2'],
  ['a price that is none', 'm5.large|x86_64|2|8192|-|0|cheap|-|-'],
  ['an empty number', 'm5.large|x86_64||8192|-|0|0.1|-|-'],
  ['a trait nobody knows', 'm5.large|x86_64|2|8192|q|0|0.1|-|-'],
])('a row with %s is refused, and shown', (_, row) => {
  expect(() => decodeCatalogue({ ...one, types: [row] })).toThrow(row);
});

it('a row in a zone that the file does not name is refused', () => {
  expect(() => decodeCatalogue({ ...one, types: ['m5.large|x86_64|2|8192|-|3|0.1|-|-'] })).toThrow(
    'zone "3"',
  );
});
