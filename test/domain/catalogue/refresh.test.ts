import { describe, expect, test } from 'vitest';
import type { Machine } from '../../../domain/catalogue/ports.ts';
import { type Refreshed, refreshCatalogue } from '../../../domain/catalogue/refresh.ts';
import { HOUR, iso } from '../../../domain/kernel/instant.ts';
import type { Content } from '../../../domain/planning/catalogue.ts';
import { DEFAULT_RATES } from '../../../domain/planning/price.ts';
import { memoryRegion, memoryShelf } from '../../fakes/memory-catalogue.ts';
import { type as instanceType, saving } from '../planning/given.ts';

const T0 = Date.parse('2026-11-28T12:00:00Z');
const zones = [
  { name: 'us-east-1a', id: 'use1-az4' },
  { name: 'us-east-1b', id: 'use1-az6' },
];
const names = ['m5.large', 'm5.xlarge', 'c5.large', 'c5.xlarge'];

function machine(name: string, given: Partial<Machine> = {}): Machine {
  const { onDemandPrice: _, spot: __, ...facts } = instanceType(name);
  return { ...facts, onDemand: 'sold on demand', ...given };
}

const shipped: Content = {
  ...{ region: 'us-east-1', priceAsOf: '2026-07-20', spotAsOf: '2026-07-19', rates: DEFAULT_RATES },
  zones: [{ name: 'us-east-1a', id: 'use1-az6' }],
  types: names.map((name) => instanceType(name, { onDemandPrice: 0.9, spot: saving(60) })),
};

/** A region with four types at $1 on demand and at $0.3 on spot in zone a alone. */
function given({ from = null }: { readonly from?: Content | null } = {}) {
  const clock = { now: T0 };
  const region = memoryRegion();
  const shelf = memoryShelf();
  region.machinesAre({ zones, types: names.map((name) => machine(name)) });
  for (const name of names) {
    region.priceOf(name, 1);
    region.spotPriceOf(name, 'us-east-1a', 0.3);
  }
  const on = {
    ...{ region: 'us-east-1', facts: region, shelf, shipped: from },
    runtime: { now: () => clock.now },
  };
  return {
    ...{ clock, region, shelf },
    refresh: (order?: Parameters<typeof refreshCatalogue>[1]) => refreshCatalogue(on, order),
    kept: async () => {
      const shelved = await shelf.read(null);
      return shelved.kind === 'found' ? shelved.catalogue : null;
    },
    after: (milliseconds: number) => {
      clock.now += milliseconds;
    },
  };
}

const failed = ({ failures }: Refreshed) =>
  failures.map(({ part, error }) => [part, error instanceof Error ? error.message : error]);

const priceOf = (content: Content | null, name: string) =>
  content?.types.find((type) => type.name === name)?.onDemandPrice;
const spotOf = (content: Content | null, name: string) =>
  content?.types.find((type) => type.name === name)?.spot?.pricing;

const rates = (factor: number) => ({
  diskGibMonth: DEFAULT_RATES.diskGibMonth * factor,
  ipv4Hour: DEFAULT_RATES.ipv4Hour * factor,
  creditsVcpuHour: { x86_64: DEFAULT_RATES.creditsVcpuHour.x86_64 * factor, arm64: null },
});

describe('the rates of disks, addresses and CPU credits', () => {
  test('are read once a day, with the day; one that the list lacks stays as it was', async () => {
    const { refresh, region, kept, after } = given({ from: shipped });
    region.ratesAre(rates(1.5));
    expect((await refresh()).failures).toEqual([]);
    const first = (await kept())?.rates;
    expect(first).toEqual({
      ...rates(1.5),
      asOf: '2026-11-28',
      creditsVcpuHour: { x86_64: 0.05 * 1.5, arm64: DEFAULT_RATES.creditsVcpuHour.arm64 },
    });
    region.ratesAre(rates(2));
    after(HOUR);
    await refresh();
    expect((await kept())?.rates).toEqual(first);
    after(24 * HOUR);
    await refresh();
    expect((await kept())?.rates).toMatchObject({ asOf: '2026-11-29', ipv4Hour: 0.01 });
  });

  test.each([
    [
      'cannot be read',
      ({ region }: ReturnType<typeof given>) => region.breaks('rates'),
      'rates: UnauthorizedOperation',
    ],
    [
      'cannot be right',
      ({ region }: ReturnType<typeof given>) => region.ratesAre(rates(100)),
      'not taken, since it cannot be right: a GiB of disk for a month at $8 where it was at $0.08',
    ],
  ])('that %s stay as they were, with their age; the rest is refreshed', async (_, spoil, why) => {
    const all = given({ from: shipped });
    spoil(all);
    expect(failed(await all.refresh())).toEqual([['rates', why]]);
    expect(await all.kept()).toMatchObject({ rates: DEFAULT_RATES, priceAsOf: iso(T0) });
  });
});

describe('the first refresh', () => {
  test('has the account’s own zones, the prices of now, and no offer on spot where there is no price', async () => {
    const { refresh, kept } = given();
    const outcome = await refresh();
    expect(outcome.failures).toEqual([]);
    const catalogue = await kept();
    expect(catalogue).toMatchObject({ zones, priceAsOf: iso(T0), spotAsOf: iso(T0) });
    expect(catalogue?.version).toBe(outcome.written?.version);
    expect(catalogue?.types).toHaveLength(4);
    expect(catalogue?.types[0]).toMatchObject({
      ...{ name: 'c5.large', onDemandPrice: 1 },
      spot: { pricing: { by: 'zone', prices: [0.3, null] }, interruptionBand: null },
    });
  });

  test('keeps the shipped interruption bands, which EC2 does not tell', async () => {
    const { refresh, kept } = given({ from: shipped });
    await refresh();
    expect((await kept())?.types.map(({ spot }) => spot?.interruptionBand)).toEqual([0, 0, 0, 0]);
  });

  test('that gets no on-demand prices goes by the shipped ones, as old as they are', async () => {
    const { region, refresh, kept } = given({ from: shipped });
    region.breaks('onDemandPrices');
    expect(failed(await refresh())).toEqual([['on-demand prices', 'onDemandPrices: UnauthorizedOperation']]);
    const catalogue = await kept();
    expect(catalogue).toMatchObject({ zones, priceAsOf: '2026-07-20', spotAsOf: iso(T0) });
    expect(priceOf(catalogue, 'm5.large')).toBe(0.9);
  });

  test('that gets no spot prices goes by the shipped savings', async () => {
    const { region, refresh, kept } = given({ from: shipped });
    region.breaks('spotPrices');
    expect(failed(await refresh())).toEqual([['spot prices', 'spotPrices: UnauthorizedOperation']]);
    const catalogue = await kept();
    expect(catalogue).toMatchObject({ priceAsOf: iso(T0), spotAsOf: '2026-07-19' });
    expect(spotOf(catalogue, 'm5.large')).toEqual({ by: 'saving', percent: 60 });
  });

  test.each(['machines', 'onDemandPrices'] as const)(
    'of a region of which nothing is shipped writes nothing without %s',
    async (call) => {
      const { region, refresh, kept } = given();
      region.breaks(call);
      expect((await refresh()).written).toBeNull();
      expect(await kept()).toBeNull();
    },
  );

  test('leaves out what is sold in capacity blocks alone', async () => {
    const { region, refresh, kept } = given();
    region.machinesAre({
      zones,
      types: [machine('m5.large'), machine('p5.48xlarge', { onDemand: 'not sold on demand' })],
    });
    region.priceOf('p5.48xlarge', 55);
    await refresh();
    expect(priceOf(await kept(), 'p5.48xlarge')).toBeNull();
    expect(priceOf(await kept(), 'm5.large')).toBe(1);
  });
});

describe('a later refresh', () => {
  test('reads spot prices every hour, types and on-demand prices once a day', async () => {
    const { region, refresh, kept, after } = given();
    await refresh();
    region.priceOf('m5.large', 1.1);
    region.spotPriceOf('m5.large', 'us-east-1b', 0.2);
    after(HOUR);
    await refresh();
    const afterAnHour = await kept();
    expect(afterAnHour).toMatchObject({ priceAsOf: iso(T0), spotAsOf: iso(T0 + HOUR) });
    expect(priceOf(afterAnHour, 'm5.large')).toBe(1);
    expect(spotOf(afterAnHour, 'm5.large')).toEqual({ by: 'zone', prices: [0.3, 0.2] });
    after(23 * HOUR);
    await refresh();
    expect(priceOf(await kept(), 'm5.large')).toBe(1.1);
    expect(await kept()).toMatchObject({ priceAsOf: iso(T0 + 24 * HOUR) });
  });

  test('no longer offers on spot what has lost its price', async () => {
    const { region, refresh, kept, after } = given();
    await refresh();
    region.spotPriceOf('m5.large', 'us-east-1a', null);
    after(HOUR);
    await refresh();
    expect((await kept())?.types.find(({ name }) => name === 'm5.large')?.spot).toBeNull();
  });

  test('keeps each version that plans were made from', async () => {
    const { region, refresh, shelf, after } = given();
    const first = await refresh();
    after(HOUR);
    const same = await refresh();
    region.spotPriceOf('m5.large', 'us-east-1a', 0.31);
    after(HOUR);
    const other = await refresh();
    expect(same.written?.version).toBe(first.written?.version);
    expect(shelf.versions()).toEqual([first.written?.version, other.written?.version]);
  });

  test.each([
    ['machines', 'instance types', { priceAsOf: iso(T0), spotAsOf: iso(T0 + 24 * HOUR) }],
    ['onDemandPrices', 'on-demand prices', { priceAsOf: iso(T0), spotAsOf: iso(T0 + 24 * HOUR) }],
    ['spotPrices', 'spot prices', { priceAsOf: iso(T0 + 24 * HOUR), spotAsOf: iso(T0) }],
  ] as const)('that fails half-way, in %s, leaves that part as it was', async (call, part, as) => {
    const { region, refresh, kept, after } = given();
    await refresh();
    region.breaks(call);
    after(24 * HOUR);
    expect(failed(await refresh())).toEqual([[part, `${call}: UnauthorizedOperation`]]);
    const catalogue = await kept();
    expect(catalogue).toMatchObject(as);
    expect(priceOf(catalogue, 'm5.large')).toBe(1);
    expect(spotOf(catalogue, 'm5.large')).toEqual({ by: 'zone', prices: [0.3, null] });

    region.breaks('none');
    after(HOUR);
    expect((await refresh()).failures).toEqual([]);
    expect(await kept()).toMatchObject({ spotAsOf: iso(T0 + 25 * HOUR) });
  });

  test('has the spot prices of a zone under that zone, though a zone came before it', async () => {
    const { region, refresh, kept, after } = given();
    region.machinesAre({ zones, types: names.map((name) => machine(name, { zones: ['us-east-1b'] })) });
    for (const name of names) region.spotPriceOf(name, 'us-east-1b', 0.4);
    await refresh();
    region.machinesAre({ zones, types: names.map((name) => machine(name)) });
    region.breaks('spotPrices');
    after(24 * HOUR);
    await refresh();
    expect(spotOf(await kept(), 'm5.large')).toEqual({ by: 'zone', prices: [null, 0.4] });
  });

  test('replaces a damaged catalogue, and says that it was damaged', async () => {
    const { shelf, refresh, kept } = given();
    await refresh();
    shelf.damage();
    expect(failed(await refresh())).toEqual([['kept catalogue', 'the catalogue is damaged']]);
    expect(priceOf(await kept(), 'm5.large')).toBe(1);
  });
});

describe('beyond belief', () => {
  const cases: [string, (region: ReturnType<typeof memoryRegion>) => void, RegExp][] = [
    [
      'a list of types that was cut short',
      (region) => region.machinesAre({ zones, types: [machine('m5.large')] }),
      /instance types .*: 1 instance types where there were 4/,
    ],
    ['a region without zones', (region) => region.machinesAre({ zones: [], types: [] }), /: no zone/],
    [
      'a price list that was cut short',
      (region) => {
        for (const name of names.slice(1)) region.priceOf(name, null);
      },
      /on-demand prices .*: 1 on-demand prices where there were 4/,
    ],
    [
      'an empty price list',
      (region) => {
        for (const name of names) region.priceOf(name, null);
      },
      /: no price/,
    ],
    [
      'prices in another currency',
      (region) => {
        for (const name of names) region.priceOf(name, 7.1);
      },
      /: prices 7\.10 times what they were, in the median/,
    ],
    ['a negative price', (region) => region.priceOf('m5.large', -1), /: a price of \$-1\/h/],
    ['a price for a year', (region) => region.priceOf('m5.large', 8_760), /: a price of \$8760\/h/],
    [
      'a spot history that was cut short',
      (region) => {
        for (const name of names.slice(1)) region.spotPriceOf(name, 'us-east-1a', null);
      },
      /spot prices .*: 1 spot prices where there were 4/,
    ],
  ];
  test.each(cases)('%s is not taken', async (_, change, says) => {
    const { region, refresh, kept, after } = given();
    await refresh();
    change(region);
    after(24 * HOUR);
    const [failure, ...more] = failed(await refresh());
    expect(failure?.join(' ')).toMatch(says);
    expect(more).toEqual([]);
    const catalogue = await kept();
    expect(catalogue?.types).toHaveLength(4);
    expect(priceOf(catalogue, 'm5.large')).toBe(1);
    expect(spotOf(catalogue, 'm5.large')).toEqual({ by: 'zone', prices: [0.3, null] });
  });

  test('an operator who has looked may have it taken', async () => {
    const { region, refresh, kept, after } = given();
    await refresh();
    region.machinesAre({ zones, types: [machine('m5.large')] });
    after(24 * HOUR);
    expect((await refresh({ beyondBelief: 'taken' })).failures).toEqual([]);
    expect((await kept())?.types).toHaveLength(1);
  });

  test('a type that is new, gone or dearer by a half is nothing of the kind', async () => {
    const { region, refresh, kept, after } = given();
    await refresh();
    region.machinesAre({ zones, types: [...names.slice(1), 'm9.large'].map((name) => machine(name)) });
    region.priceOf('m9.large', 40);
    for (const name of names) region.priceOf(name, 1.5);
    after(24 * HOUR);
    expect((await refresh()).failures).toEqual([]);
    expect(priceOf(await kept(), 'm9.large')).toBe(40);
  });
});
