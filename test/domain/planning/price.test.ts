import { describe, expect, it } from 'vitest';
import type { Market, Offer } from '../../../domain/planning/offer.ts';
import { planOffers } from '../../../domain/planning/plan.ts';
import { DEFAULT_RATES, type PriceParts } from '../../../domain/planning/price.ts';
import type { Requirements } from '../../../domain/planning/requirements.ts';
import { shareOfOffer } from '../../../domain/planning/share.ts';
import { loadCatalogue } from '../../../infra/catalogue/load.ts';
import { catalogueAt, context, idleInstance, request, saving, type } from './given.ts';

const small = type('t3.small', { vcpus: 2, onDemandPrice: 0.02, spot: saving(50), zones: ['us-east-1a'] });

const offersOf = (asked: Parameters<typeof request>[0], given: Parameters<typeof context>[0] = {}) =>
  planOffers(catalogueAt(DEFAULT_RATES, small), request(asked), context(given)).offers;

function onlyOffer(market: Market, asked: Parameters<typeof request>[0] = {}, given = {}): Offer {
  const [offer] = offersOf({ ...asked, spot_policy: market }, given);
  if (offer === undefined) throw new Error('nothing fits');
  return offer;
}

describe('the price of an offer', () => {
  it('is that of the instance, its disk and its address', () => {
    const { price, price_parts } = onlyOffer('on-demand');
    // 100 GiB × $0.08 / 730 h
    expect(price_parts).toEqual({ instance: 0.02, disk: 0.010959, ipv4: 0.005, cpu_credits: 0 });
    expect(price).toBe(0.035959);
  });

  it('has no address where the subnets give none', () => {
    const site = { ...loadCatalogue('us-east-1').site, publicIpv4: false };
    const catalogue = { ...catalogueAt(DEFAULT_RATES, small), site };
    const [offer] = planOffers(catalogue, request({ spot_policy: 'on-demand' }), context()).offers;
    expect(offer?.price_parts?.ipv4).toBe(0);
  });

  it('is for the disk that is made: what was asked for, and what the image takes', () => {
    const gpu = { vendor: 'nvidia', name: 'L4', count: 1, memoryMib: 22_888 };
    const catalogue = catalogueAt(DEFAULT_RATES, type('g6.xlarge', { gpu }), type('m5.xlarge'));
    const disk = (gib: number) =>
      planOffers(catalogue, request({ resources: { disk: { size: { min: gib, max: null } } } }), context())
        .offers.map(({ instance_type, price_parts }) => [instance_type, price_parts?.disk])
        .sort();
    const of = (gib: number) => Math.round((gib * 0.08e6) / 730) / 1e6;
    const both = (gpus: number, plain: number) => [
      ...Array.from({ length: 2 }, () => ['g6.xlarge', of(gpus)]),
      ...Array.from({ length: 2 }, () => ['m5.xlarge', of(plain)]),
    ];
    expect(disk(500)).toEqual(both(500, 500));
    expect(disk(0.5)).toEqual(both(75, 8));
  });

  it('has the surplus of a burstable type at full load where CPU credits are unlimited', () => {
    const offer = onlyOffer('on-demand', { cpu_credits: 'unlimited' });
    // 2 vCPUs, of which 20 % each are its own.
    expect(offer.price_parts?.cpu_credits).toBe(0.08);
    expect(offer).toMatchObject({ price: 0.115959, cpu_credits: 'unlimited' });
    expect(onlyOffer('on-demand').cpu_credits).toBe('standard');
  });

  it('ranks offers: what is cheaper alone may be dearer in all', () => {
    const catalogue = catalogueAt(DEFAULT_RATES, small, type('m5.large', { vcpus: 2, onDemandPrice: 0.05 }));
    const first = (cpu_credits: Requirements['cpu_credits']) =>
      planOffers(catalogue, request({ cpu_credits, spot_policy: 'on-demand' }), context()).offers[0];
    expect(first('standard')?.instance_type).toBe('t3.small');
    expect(first('unlimited')?.instance_type).toBe('m5.large');
  });

  it('is what max_price bounds', () => {
    expect(offersOf({ spot_policy: 'on-demand', max_price: 0.03 })).toEqual([]);
    expect(offersOf({ spot_policy: 'on-demand', max_price: 0.036 })).toHaveLength(1);
  });

  it('is cut in parts with the instance', () => {
    const offer = onlyOffer('on-demand');
    const half = shareOfOffer(offer, { total: 2, taken: [1] });
    expect(half).toMatchObject({ price: 0.01798, price_parts: { instance: 0.01, disk: 0.00548 } });
  });

  it('of the whole catalogue is the sum of its parts, and in order', () => {
    for (const cpu_credits of ['standard', 'unlimited'] as const)
      for (const gib of [1, 100, 3000]) {
        const asked = request({ cpu_credits, resources: { disk: { size: { min: gib, max: null } } } });
        const { offers } = planOffers(loadCatalogue('us-east-1'), asked, context());
        expect(offers.length).toBeGreaterThan(1000);
        const sum = (parts: PriceParts | null) => Object.values(parts ?? {}).reduce((a, b) => a + b, 0);
        for (const { price, price_parts } of offers) expect(sum(price_parts)).toBeCloseTo(price, 5);
        const prices = offers.map(({ price }) => price);
        expect(prices).toEqual(prices.toSorted((a, b) => a - b));
      }
  });
});

describe('the bound that EC2 is given on spot', () => {
  const bound = (asked: Parameters<typeof request>[0], terms: object | null = null) => {
    const all = { ...request(asked), blocks: 1 as const, cluster: null, spot_price: 'may rise' as const };
    return onlyOffer('spot', asked, terms === null ? {} : { terms: { ...all, max_price: null, ...terms } });
  };

  it('is the price on demand, where nobody says less', () => {
    expect(bound({})).toMatchObject({
      spot_max_price: 0.02,
      on_demand_price: 0.035959,
      price: 0.025959,
    });
    expect(onlyOffer('on-demand')).toMatchObject({ spot_max_price: null, on_demand_price: null });
  });

  it('is the instance’s part of the lower of what the run and its fleet pay at most', () => {
    expect(bound({ max_price: 0.03 }).spot_max_price).toBe(0.014041);
    expect(bound({ max_price: 0.03 }, { max_price: 0.028 }).spot_max_price).toBe(0.012041);
    expect(bound({ max_price: 0.028 }, { max_price: 0.03 }).spot_max_price).toBe(0.012041);
    expect(bound({ max_price: 5 }).spot_max_price).toBe(0.02);
  });

  it('is the price that was reserved, where the fleet’s limits count in $', () => {
    expect(bound({}, { spot_price: 'firm' }).spot_max_price).toBe(0.01);
  });

  it('is never below today’s price, nor so high that the whole exceeds what is paid at most', () => {
    for (const offer of planOffers(
      loadCatalogue('us-east-1'),
      request({ spot_policy: 'spot', max_price: 0.5 }),
      context(),
    ).offers) {
      const { spot_max_price, price_parts, price } = offer;
      const others = price - (price_parts?.instance ?? 0);
      expect(spot_max_price).toBeGreaterThanOrEqual(price_parts?.instance ?? 1);
      expect((spot_max_price ?? 1) + others).toBeLessThanOrEqual(0.500002);
    }
  });
});

it('a run for unlimited CPU credits takes no idle instance that slows down', () => {
  const idle = [
    idleInstance('i1', { instance_type: 't3.small', cpu_credits: 'standard' }),
    idleInstance('i2', { instance_type: 't3.small', cpu_credits: 'unlimited' }),
  ];
  const plan = planOffers(
    catalogueAt(DEFAULT_RATES),
    request({ cpu_credits: 'unlimited' }),
    context({ idle }),
  );
  expect(plan.offers).toMatchObject([{ instance: 'i2' }]);
  expect(plan.rejected).toMatchObject([{ reason: 'cpu_credits', has: 'standard', asked: 'unlimited' }]);
});

it('the dearest that a run comes to is the dearest that would be taken, not the dearest that fits', () => {
  const catalogue = catalogueAt(
    DEFAULT_RATES,
    type('m5.large', { onDemandPrice: 0.1 }),
    type('m5.xlarge', { onDemandPrice: 0.15 }),
    type('p5.48xlarge', { onDemandPrice: 98 }),
  );
  const plan = planOffers(catalogue, request({ max_duration: 3600 }), context({ launch_factor: 1.5 }));
  expect(plan).toMatchObject({ total_offers: 6, max_offer_price: 0.165959 });
  expect(plan.total_at_max_duration).toEqual({ first: 0.115959, dearest: 0.165959 });
});
