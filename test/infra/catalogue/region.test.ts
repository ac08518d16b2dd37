import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Machine } from '../../../domain/catalogue/ports.ts';
import type { Catalogue } from '../../../domain/planning/catalogue.ts';
import { ec2Region } from '../../../infra/catalogue/ec2-region.ts';
import { shippedCatalogue } from '../../../infra/catalogue/load.ts';
import { awsJson } from '../../../infra/local/aws-json/serve.ts';
import { openLocalDatabase } from '../../../infra/local/database.ts';
import { accountRegion, typeFacts } from '../../../infra/local/ec2/account-region.ts';
import { startEc2 } from '../../../infra/local/ec2/start-ec2.ts';
import { listen } from '../../../infra/local/listen.ts';
import { pricingService } from '../../../infra/local/pricing/service.ts';
import { createFaults } from '../../../infra/local/wire/faults.ts';
import { type as instanceType } from '../../domain/planning/given.ts';
import { memoryRegion } from '../../fakes/memory-catalogue.ts';
import { regionContract } from './region-contract.ts';

const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };

describe('a region in memory', () => {
  regionContract(async () => {
    const facts = memoryRegion();
    const zones = [
      { name: 'us-east-1a', id: 'use1-az4' },
      { name: 'us-east-1b', id: 'use1-az6' },
    ];
    const machine = (name: string, given: Partial<Machine>): Machine => {
      const { onDemandPrice: _, spot: __, ...rest } = instanceType(name);
      return { ...rest, onDemand: 'sold on demand', ...given };
    };
    facts.machinesAre({
      zones,
      types: [
        machine('g5.xlarge', { gpu: { vendor: 'nvidia', name: 'A10G', count: 1, memoryMib: 22_888 } }),
        machine('t3.medium', { traits: ['burstable', 'unclustered'] }),
      ],
    });
    return {
      facts,
      price: (type, dollars) => facts.priceOf(type, dollars),
      spotPrice: (type, dollars) => {
        for (const { name } of zones) facts.spotPriceOf(type, name, dollars);
      },
      rates: ({ t3, t4g, ...others }) =>
        facts.ratesAre({ ...others, creditsVcpuHour: { x86_64: t3, arm64: t4g } }),
      stop: async () => {},
    };
  });
});

/** The embedded EC2 and Price List, as an account of its own. */
async function embeddedRegion(random?: () => number) {
  const data = mkdtempSync(join(tmpdir(), 'sortie-region-'));
  const faults = createFaults();
  const database = openLocalDatabase(data);
  const shipped = shippedCatalogue('us-east-1') as Catalogue;
  const region = accountRegion(shipped, database, faults, random);
  const ec2 = await startEc2({
    ...{ data, credentials, faults, emit: () => {}, describes: region, catalogue: typeFacts(region) },
    zones: region.zones.map(({ name }) => name),
  });
  const prices = await listen(awsJson([pricingService(region, faults)], credentials), 0);
  const common = { credentials, maxAttempts: 1 };
  return {
    ...{ faults, region, data, ec2 },
    facts: ec2Region('us-east-1', {
      ec2: { ...common, endpoint: ec2.endpoint },
      pricing: { ...common, endpoint: prices.url },
    }),
    stop: async () => {
      await ec2.close();
      await prices.close();
      database.close();
      rmSync(data, { recursive: true });
    },
  };
}

describe('EC2 and the Price List over the wire', () => {
  regionContract(async () => {
    const { facts, faults, stop } = await embeddedRegion();
    return {
      facts,
      price: (type, dollars) => {
        faults.change({ prices: { onDemand: { [type]: dollars }, spot: {} } });
      },
      spotPrice: (type, dollars) => {
        faults.change({ prices: { onDemand: {}, spot: { [type]: dollars } } });
      },
      rates: ({ diskGibMonth, ipv4Hour, t3, t4g }) => {
        const rates = {
          'EBS:VolumeUsage.gp3': diskGibMonth,
          'PublicIPv4:InUseAddress': ipv4Hour,
          'CPUCredits:t3': t3,
          'CPUCredits:t4g': t4g,
        };
        faults.change({ prices: { onDemand: {}, spot: {}, rates } });
      },
      stop,
    };
  });

  it('have every type, offering and price of the shipped catalogue, page by page, and no Local Zone', async () => {
    const { facts, stop } = await embeddedRegion();
    const shipped = shippedCatalogue('us-east-1') as Catalogue;
    const [{ types, zones }, prices, spot] = await Promise.all([
      facts.machines(),
      facts.onDemandPrices(),
      facts.spotPrices(0),
    ]);
    const factsOf = ({
      name,
      architectures,
      vcpus,
      memoryMib,
      traits,
      gpu,
      zones: inZones,
    }: (typeof types)[number]) => ({
      name,
      architectures,
      vcpus,
      memoryMib,
      traits,
      gpu,
      zones: inZones.length,
    });
    const all = shipped.types.map((type) => factsOf({ ...type, onDemand: 'sold on demand' }));
    expect(types.map(factsOf)).toEqual(all);
    expect(zones).toHaveLength(6);
    expect(prices).toEqual(new Map(shipped.types.map(({ name, onDemandPrice }) => [name, onDemandPrice])));
    expect(spot.size).toBe(shipped.types.filter(({ spot }) => spot !== null).length);
    await stop();
  });

  it('throw what AWS answers with', async () => {
    const { facts, faults, stop } = await embeddedRegion();
    faults.change({
      failingCalls: { DescribeInstanceTypes: 1, DescribeSpotPriceHistory: 1 },
      outage: ['pricing'],
    });
    await expect(facts.machines()).rejects.toThrow(/internal error|unavailable/i);
    await expect(facts.spotPrices(0)).rejects.toThrow(/internal error|unavailable/i);
    await expect(facts.onDemandPrices()).rejects.toMatchObject({ name: 'InternalErrorException' });
    await stop();
  });
});

describe('two accounts', () => {
  it('have other names for the same zones, and each offers a type where that zone has it', async () => {
    const random = [0.9, 0.1, 0.5, 0.3, 0.7, 0.2];
    const other = random.toReversed();
    const accounts = await Promise.all([
      embeddedRegion(() => random.shift() ?? 0),
      embeddedRegion(() => other.shift() ?? 0),
    ]);
    const [ours, theirs] = await Promise.all(accounts.map(({ facts }) => facts.machines()));
    expect(ours?.zones.map(({ name }) => name)).toEqual(theirs?.zones.map(({ name }) => name));
    expect(ours?.zones).not.toEqual(theirs?.zones);
    // By id they are the same region.
    const byId = (machines: typeof ours) => {
      const ids = new Map(machines?.zones.map(({ name, id }) => [name, id]));
      return new Map(
        machines?.types.map(({ name, zones }) => [name, zones.map((zone) => ids.get(zone)).sort()]),
      );
    };
    expect(byId(ours)).toEqual(byId(theirs));
    expect(byId(ours).get('m5.large')).not.toContain('use1-az3');
    for (const { stop } of accounts) await stop();
  });

  it('keep their names over a restart', () => {
    const data = mkdtempSync(join(tmpdir(), 'sortie-zones-'));
    const shipped = shippedCatalogue('us-east-1') as Catalogue;
    const zonesNow = () => {
      const database = openLocalDatabase(data);
      const { zones } = accountRegion(shipped, database, createFaults());
      database.close();
      return zones;
    };
    expect(zonesNow()).toEqual(zonesNow());
    rmSync(data, { recursive: true });
  });
});
