import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Offer } from '../../../domain/planning/offer.ts';
import { planOffers } from '../../../domain/planning/plan.ts';
import { pricedFor } from '../../../domain/planning/prepared.ts';
import { pricedAs } from '../../../domain/planning/spell-out.ts';
import { loadCatalogue } from '../../../infra/catalogue/load.ts';
import { UNPARTED } from '../given.ts';
import { context, now } from './given.ts';
import { complaints, recordedOfferings } from './oracle.ts';
import { requests, tightenings } from './requests.ts';

const catalogue = loadCatalogue('us-east-1');
const name = (offer: Offer): string => `${offer.instance_type} ${offer.zone} ${offer.spot}`;

/** Refusals of every kind, drawn over the whole catalogue. */
const contexts = fc
  .record({
    zones: fc.option(fc.subarray(['us-east-1a', 'us-east-1b', 'us-east-1d'])),
    unavailable: fc.array(
      fc.constantFrom(...catalogue.ranked).map(({ machine, zone, spot }) => ({
        instance_type: machine.name,
        zone,
        spot,
        until: now + 1000,
        code: 'InsufficientInstanceCapacity',
      })),
      { maxLength: 50 },
    ),
    quota: fc.array(
      fc.record({
        family: fc.constantFrom('standard' as const, 'g-and-vt' as const, 'p' as const, 'all' as const),
        spot: fc.constantFrom('spot' as const, 'on-demand' as const),
        vcpus: fc.constantFrom(0, 16, 96),
        until: fc.constantFrom(null, now - 1, now + 1),
        code: fc.constant('VcpuLimitExceeded'),
      }),
      { maxLength: 2 },
    ),
  })
  .map(context);

describe('of whatever request', () => {
  it('every offer satisfies it, by the facts recorded of EC2; and every offering that does is offered', () => {
    fc.assert(
      fc.property(requests, (asked) => {
        const { offers } = planOffers(catalogue, asked, context());
        expect(
          offers.flatMap((offer) => complaints(offer, asked).map((what) => `${name(offer)}: ${what}`)),
        ).toEqual([]);
        const offered = new Set(offers.map(name));
        const missed = pricedFor(catalogue, pricedAs(asked, null)).ranked.filter(
          (one) => !offered.has(`${one.machine.name} ${one.zone} ${one.spot}`),
        );
        for (const { machine, region, zone, spot, price } of missed) {
          const resources = { cpus: 1, memory_mib: 1, gpus: [], disk_gib: 100, arch: machine.arch };
          const bare = {
            instance_type: machine.name,
            region,
            zone,
            spot,
            price,
            resources,
            availability: 'available' as const,
            ...UNPARTED,
          };
          if (complaints(bare, asked).length === 0) throw new Error(`${name(bare)} fits and was not offered`);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('the counts add up to everything there is', () => {
    fc.assert(
      fc.property(requests, contexts, (asked, given) => {
        const plan = planOffers(catalogue, asked, given);
        const rejected = plan.rejected.reduce((sum, { count }) => sum + count, 0);
        expect(plan.total_offers + rejected).toBe(plan.considered);
        expect(plan.considered).toBe(recordedOfferings);
        expect(plan.offers).toHaveLength(plan.total_offers);
        expect(plan.nearest.length > 0).toBe(plan.total_offers === 0);
      }),
    );
  });

  it('the offers are ranked by price, and the dearest is named', () => {
    fc.assert(
      fc.property(requests, contexts, (asked, given) => {
        const plan = planOffers(catalogue, asked, given);
        const prices = plan.offers.map(({ price }) => price);
        expect(prices).toEqual(prices.toSorted((a, b) => a - b));
        expect(plan.max_offer_price).toBe(prices.at(-1) ?? null);
        expect(new Set(plan.offers.map(name)).size).toBe(prices.length);
      }),
    );
  });

  it('asking for more never adds an offer', () => {
    fc.assert(
      fc.property(requests, tightenings, contexts, (asked, tighten, given) => {
        const before = new Set(planOffers(catalogue, asked, given).offers.map(name));
        const after = planOffers(catalogue, tighten(asked), given).offers.map(name);
        // Older bare metal is offered to whoever names it, and to nobody else.
        expect(after.filter((offer) => !before.has(offer) && !offer.includes('.metal'))).toEqual([]);
      }),
    );
  });

  it('every offer shown as rejected really does not fit, and every near one lacks something', () => {
    fc.assert(
      fc.property(requests, contexts, (asked, given) => {
        const plan = planOffers(catalogue, asked, given);
        for (const { missing } of plan.nearest) expect(missing.length).toBeGreaterThan(0);
        for (const { reason, nearest } of plan.rejected) {
          const ours = ['quota', 'capacity', 'no_subnet'].includes(reason);
          if (!ours) expect(complaints(nearest, asked)).not.toEqual([]);
        }
      }),
    );
  });
});
