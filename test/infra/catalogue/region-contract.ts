import { afterEach, beforeEach, expect, it } from 'vitest';
import type { FoundRates, RegionFacts } from '../../../domain/catalogue/ports.ts';

export interface RegionUnderTest {
  readonly facts: RegionFacts;
  /** $/h of a type on demand, from now on. */
  price(type: string, dollars: number): void;
  /** The same on spot, in all of its zones. */
  spotPrice(type: string, dollars: number): void;
  /** What disks, addresses and CPU credits cost, from now on. */
  rates(
    rates: Pick<FoundRates, 'diskGibMonth' | 'ipv4Hour'> & { readonly t3: number; readonly t4g: number },
  ): void;
  stop(): Promise<void>;
}

const now = Date.parse('2026-11-28T12:00:00Z');

/** A region with at least `g5.xlarge` (an A10G) and `t3.medium`, both sold on demand and on spot. */
export function regionContract(create: () => Promise<RegionUnderTest>): void {
  let given: RegionUnderTest;
  beforeEach(async () => {
    given = await create();
  });
  afterEach(() => given.stop());

  it('has types in zones of its own, each under one id', async () => {
    const { zones, types } = await given.facts.machines();
    expect(new Set(zones.map(({ id }) => id)).size).toBe(zones.length);
    const names = zones.map(({ name }) => name);
    expect(names).toEqual(names.toSorted());
    for (const type of types) {
      expect(type.zones).toEqual(type.zones.toSorted());
      expect(type.zones.filter((zone) => !names.includes(zone))).toEqual([]);
    }
    expect(types.find(({ name }) => name === 'g5.xlarge')).toMatchObject({
      ...{ vcpus: 4, memoryMib: 16_384, architectures: ['x86_64'], onDemand: 'sold on demand' },
      gpu: { vendor: 'nvidia', name: 'A10G', count: 1 },
    });
    expect(types.find(({ name }) => name === 't3.medium')?.traits).toEqual(['burstable', 'unclustered']);
  });

  it('has the prices of now', async () => {
    given.price('t3.medium', 0.05);
    expect((await given.facts.onDemandPrices()).get('t3.medium')).toBe(0.05);
    given.price('t3.medium', 0.06);
    expect((await given.facts.onDemandPrices()).get('t3.medium')).toBe(0.06);
  });

  it('has the rates of disks, addresses and CPU credits of now', async () => {
    given.rates({ diskGibMonth: 0.152, ipv4Hour: 0.006, t3: 0.051, t4g: 0.041 });
    expect(await given.facts.rates()).toMatchObject({
      ...{ diskGibMonth: 0.152, ipv4Hour: 0.006 },
      creditsVcpuHour: { x86_64: 0.051, arm64: 0.041 },
    });
  });

  it('has a spot price for each zone where a type is sold on spot', async () => {
    given.spotPrice('t3.medium', 0.0125);
    const { types } = await given.facts.machines();
    const prices = (await given.facts.spotPrices(now)).get('t3.medium');
    const sold = types.find(({ name }) => name === 't3.medium')?.zones;
    expect([...(prices ?? [])].sort()).toEqual(sold?.map((zone) => [zone, 0.0125]));
  });
}
