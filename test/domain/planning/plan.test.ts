import { describe, expect, it } from 'vitest';
import { Plan, planOffers } from '../../../domain/planning/plan.ts';
import { loadCatalogue } from '../../../infra/catalogue/load.ts';
import { catalogueOf, context, idleInstance, now, request, saving, type } from './given.ts';

const where = (plan: Plan) =>
  plan.offers.map(({ instance_type, zone, spot }) => `${instance_type} ${zone.at(-1)} ${spot}`);
const reasons = (plan: Plan) => Object.fromEntries(plan.rejected.map(({ reason, count }) => [reason, count]));

describe('the offers of a plan', () => {
  it('come cheapest first; at one price on-demand, then the current generation, then by name and zone', () => {
    const catalogue = catalogueOf(
      type('m5.large', { spot: saving(0), zones: ['us-east-1a'] }),
      type('m3.large', { traits: ['previous-generation'], zones: ['us-east-1a'] }),
      type('c5.large'),
      type('r5.large', { onDemandPrice: 2, spot: saving(70), zones: ['us-east-1b'] }),
    );
    expect(where(planOffers(catalogue, request(), context()))).toEqual([
      'r5.large b spot',
      'c5.large a on-demand',
      'c5.large b on-demand',
      'm5.large a on-demand',
      'm3.large a on-demand',
      'm5.large a spot',
      'r5.large b on-demand',
    ]);
  });

  it('begin with the idle instances that fit, cheapest first, whatever the rest costs', () => {
    const idle = [
      idleInstance('i2', { price: 3 }),
      idleInstance('i3', { price: 2, spot: 'spot' }),
      idleInstance('i1', { price: 3 }),
      idleInstance('i4', { resources: { cpus: 1, memory_mib: 512, gpus: [], disk_gib: 8, arch: 'x86_64' } }),
    ];
    const asked = request({ resources: { cpu: { arch: null, count: { min: 2, max: null } } } });
    const plan = planOffers(catalogueOf(type('m5.large')), asked, context({ idle }));
    expect(
      plan.offers.map((offer) => (offer.availability === 'idle' ? offer.instance : offer.instance_type)),
    ).toEqual(['i3', 'i1', 'i2', 'm5.large', 'm5.large']);
    expect(plan).toMatchObject({ considered: 6, total_offers: 5, max_offer_price: 3 });
  });

  it('have an idle instance where a pass would take it: behind what could be launched for so much less', () => {
    const idle = [idleInstance('i1', { price: 1.5 }), idleInstance('i2', { price: 1.9 })];
    const catalogue = catalogueOf(type('m5.large'), type('m5.xlarge', { onDemandPrice: 1.3 }));
    const order = (given: Parameters<typeof context>[0]) =>
      planOffers(catalogue, request(), context(given)).offers.map((offer) =>
        offer.availability === 'idle' ? offer.instance : offer.instance_type,
      );
    const [large, xlarge] = [['m5.large', 'm5.large'] as const, ['m5.xlarge', 'm5.xlarge'] as const];
    expect(order({ idle, price_factor: 1.5 })).toEqual(['i1', ...large, 'i2', ...xlarge]);
    expect(order({ idle: [idleInstance('i2', { price: 9 })], price_factor: 1.5 }).at(-1)).toBe('i2');
    const spot = [idleInstance('i2', { price: 9, spot: 'spot' })];
    expect(order({ idle: spot, price_factor: 1.5 })[0]).toBe('i2');
    const shared = [idleInstance('i2', { price: 9, blocks: { total: 4, free: 3 } })];
    expect(order({ idle: shared, price_factor: 1.5 })[0]).toBe('i2');
  });

  it('are counted in full when only the best are spelled out', () => {
    const plan = planOffers(loadCatalogue('us-east-1'), request(), context({ limit: 3 }));
    expect(plan.offers).toHaveLength(3);
    expect(plan).toMatchObject({ total_offers: 7167, considered: 10_561, price_as_of: '2026-07-20' });
  });

  it('have the price of their zone where the price history gives one', () => {
    const spot = { pricing: { by: 'zone' as const, prices: [0.5, null] }, interruptionBand: null };
    const plan = planOffers(
      catalogueOf(type('m5.large', { spot })),
      request({ spot_policy: 'spot' }),
      context(),
    );
    expect(where(plan)).toEqual(['m5.large a spot']);
    expect(plan.offers[0]).toMatchObject({ price: 0.5, availability: 'available' });
  });

  it('have the disk that was asked for, or 100 GB', () => {
    const disk = (min: number | null, max: number | null) =>
      planOffers(
        catalogueOf(type('m5.large')),
        request({ resources: { disk: { size: { min, max } } } }),
        context(),
      ).offers[0]?.resources.disk_gib;
    expect([disk(500, null), disk(null, null), disk(null, 50), disk(null, 900)]).toEqual([500, 100, 50, 100]);
  });

  it('say what the whole of max_duration costs, on the first offer and on the dearest', () => {
    const catalogue = catalogueOf(type('m5.large'), type('m5.xlarge', { onDemandPrice: 3 }));
    const plan = planOffers(catalogue, request({ max_duration: 7200 }), context());
    expect(plan.total_at_max_duration).toEqual({ first: 2, dearest: 6 });
  });
});

describe('an offer falls out', () => {
  it('for one reason, the first that applies', () => {
    const catalogue = catalogueOf(
      type('mac2.metal', { architectures: ['arm64_mac'], zones: ['us-east-1a'] }),
      type('t1.micro', { architectures: ['i386'], zones: ['us-east-1a'] }),
      type('m6g.large', { architectures: ['arm64'] }),
      type('t3.small', { vcpus: 2, memoryMib: 2048 }),
      type('m5.large', { memoryMib: 8192 }),
      type('m7i.metal-24xl', { onDemandPrice: 5, spot: saving(10) }),
      type('m5.xlarge'),
    );
    const asked = request({
      resources: { cpu: { arch: null, count: { min: 4, max: null } }, memory: { min: 16, max: null } },
      max_price: 2,
      spot_policy: 'on-demand',
    });
    const plan = planOffers(catalogue, asked, context());
    expect(reasons(plan)).toEqual({
      not_launchable: 2,
      spot_policy: 2,
      architecture: 2,
      cpu: 2,
      memory: 2,
      max_price: 2,
    });
    expect(plan.rejected.find(({ reason }) => reason === 'memory')).toMatchObject({
      asked: '16GB..',
      has: '8GB',
      nearest: { instance_type: 'm5.large' },
    });
    expect(plan).toMatchObject({ considered: 14, total_offers: 2, nearest: [] });
  });

  it('when it is not of the types, regions or zones asked for; types in any case', () => {
    const catalogue = catalogueOf(type('m5.large'), type('c5.large'));
    const of = (asked: Parameters<typeof request>[0]) => planOffers(catalogue, request(asked), context());
    expect(where(of({ instance_types: ['M5.Large'] }))).toEqual([
      'm5.large a on-demand',
      'm5.large b on-demand',
    ]);
    expect(reasons(of({ instance_types: ['m5.*'] }))).toEqual({ instance_types: 4 });
    expect(reasons(of({ regions: ['eu-west-1'] }))).toEqual({ regions: 4 });
    expect(reasons(of({ availability_zones: ['us-east-1b'] }))).toEqual({ availability_zones: 2 });
  });

  it('when it is bare metal that boots slowly, unless it is named by the run or its fleet', () => {
    const catalogue = catalogueOf(type('m5.metal'), type('i4i.metal'), type('m7i.metal-24xl'));
    expect(where(planOffers(catalogue, request(), context()))).toEqual([
      'm7i.metal-24xl a on-demand',
      'm7i.metal-24xl b on-demand',
    ]);
    expect(reasons(planOffers(catalogue, request(), context()))).toEqual({ bare_metal: 4 });
    const named = request({ instance_types: ['M5.metal'] });
    expect(where(planOffers(catalogue, named, context()))).toEqual([
      'm5.metal a on-demand',
      'm5.metal b on-demand',
    ]);
  });

  it('when the deployment has no subnet in its zone', () => {
    const plan = planOffers(catalogueOf(type('m5.large')), request(), context({ zones: ['us-east-1b'] }));
    expect(where(plan)).toEqual(['m5.large b on-demand']);
    expect(reasons(plan)).toEqual({ no_subnet: 1 });
  });

  it('for want of capacity until that is over, and with it no other zone or market', () => {
    const catalogue = catalogueOf(
      type('m5.large', { spot: saving(50), zones: ['us-east-1a', 'us-east-1b'] }),
    );
    const code = 'InsufficientInstanceCapacity';
    const refusal = { instance_type: 'm5.large', zone: 'us-east-1a', spot: 'spot' as const, code };
    const at = (until: number) =>
      planOffers(catalogue, request(), context({ unavailable: [{ ...refusal, until }] }));
    expect(where(at(now + 1))).not.toContain('m5.large a spot');
    expect(reasons(at(now + 1))).toEqual({ capacity: 1 });
    expect(at(now + 1).rejected[0]).toMatchObject({ nearest: { availability: 'not_available' } });
    expect(at(now + 1).rejected[0]?.has).toContain(code);
    expect(reasons(at(now))).toEqual({});
  });

  it('when its family is held for quota, unless it is smaller than what was refused', () => {
    const catalogue = catalogueOf(
      type('g5.xlarge', { vcpus: 4 }),
      type('g6.8xlarge', { vcpus: 32 }),
      type('m5.8xlarge', { vcpus: 32 }),
    );
    const hold = { spot: 'on-demand' as const, until: null, code: 'VcpuLimitExceeded', vcpus: 32 };
    const held = planOffers(catalogue, request(), context({ quota: [{ ...hold, family: 'g-and-vt' }] }));
    expect(reasons(held)).toEqual({ quota: 2 });
    expect(held.rejected[0]).toMatchObject({
      nearest: { instance_type: 'g6.8xlarge', availability: 'no_quota' },
    });
    const over = context({ quota: [{ ...hold, family: 'g-and-vt', until: now }] });
    expect(reasons(planOffers(catalogue, request(), over))).toEqual({});
    const all = context({ quota: [{ ...hold, family: 'all', vcpus: 0, code: 'VolumeLimitExceeded' }] });
    expect(reasons(planOffers(catalogue, request(), all))).toEqual({ quota: 6 });
  });

  it('for its disk only where no EBS volume is that large; an idle one where its disk is too small', () => {
    const of = (min: number) =>
      reasons(
        planOffers(
          catalogueOf(type('m5.large')),
          request({ resources: { disk: { size: { min, max: null } } } }),
          context({ idle: [idleInstance('i1')] }),
        ),
      );
    expect([of(100), of(500), of(70_000)]).toEqual([{}, { disk: 1 }, { disk: 3 }]);
  });

  it('but an idle instance not for what concerns launches alone', () => {
    const hold = {
      family: 'all' as const,
      spot: 'on-demand' as const,
      vcpus: 0,
      until: null,
      code: 'VolumeLimitExceeded',
    };
    const plan = planOffers(
      catalogueOf(type('m5.large')),
      request(),
      context({ idle: [idleInstance('i1')], quota: [hold], zones: [] }),
    );
    expect(plan.total_offers).toBe(1);
  });
});

describe('a plan without offers', () => {
  it('names the nearest, one per type, and everything each lacks', () => {
    const gpu = { name: ['A100'], count: { min: 16, max: 16 } };
    const plan = planOffers(
      loadCatalogue('us-east-1'),
      request({ resources: { gpu }, max_price: 5 }),
      context(),
    );
    expect(plan).toMatchObject({
      offers: [],
      total_offers: 0,
      max_offer_price: null,
      total_at_max_duration: null,
    });
    expect(plan.nearest.map(({ offer }) => offer.instance_type).sort()).toEqual(
      expect.arrayContaining(['p4d.24xlarge', 'p4de.24xlarge']),
    );
    const p4d = plan.nearest.find(({ offer }) => offer.instance_type === 'p4d.24xlarge');
    expect(p4d?.missing).toEqual([
      { reason: 'gpu', asked: 'A100:16', has: 'A100:40GB:8' },
      { reason: 'max_price', asked: '$5.00', has: expect.stringMatching(/^\$\d+/) },
    ]);
  });

  it('has the types that a mistyped name was meant for', () => {
    const plan = planOffers(loadCatalogue('us-east-1'), request({ instance_types: ['g5.xlrge'] }), context());
    expect(plan.nearest[0]?.offer.instance_type).toBe('g5.xlarge');
  });

  it('is still what its schema says', () => {
    const plan = planOffers(loadCatalogue('us-east-1'), request({ max_price: 0.000_001 }), context());
    expect(Plan.parse(plan)).toEqual(plan);
  });
});
