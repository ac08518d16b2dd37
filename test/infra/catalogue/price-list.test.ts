import { expect, it } from 'vitest';
import { onDemandPrices, ratesIn } from '../../../infra/catalogue/price-list.ts';

/** One product as GetProducts has it (`aws_v1`): a JSON string. */
const product = (instanceType: string, pricePerUnit: Record<string, string>, unit = 'Hrs'): string =>
  JSON.stringify({
    product: {
      productFamily: 'Compute Instance',
      sku: 'YGU2QZY8VPP94FSR',
      attributes: {
        instanceType,
        operatingSystem: 'Linux',
        tenancy: 'Shared',
        regionCode: 'eu-west-1',
        vcpu: '4',
      },
    },
    serviceCode: 'AmazonEC2',
    terms: {
      OnDemand: {
        'YGU2QZY8VPP94FSR.JRTCKXETXF': {
          offerTermCode: 'JRTCKXETXF',
          sku: 'YGU2QZY8VPP94FSR',
          termAttributes: {},
          priceDimensions: {
            'YGU2QZY8VPP94FSR.JRTCKXETXF.6YS6EN2CT7': {
              unit,
              beginRange: '0',
              endRange: 'Inf',
              rateCode: 'YGU2QZY8VPP94FSR.JRTCKXETXF.6YS6EN2CT7',
              appliesTo: [],
              pricePerUnit,
            },
          },
        },
      },
    },
    version: '20260720000000',
    publicationDate: '2026-07-20T00:00:00Z',
  });

it('the price list gives the hourly price of each type', () => {
  const list = [product('m5.large', { USD: '0.1070000000' }), product('g5.xlarge', { USD: '1.1230000000' })];
  expect([...onDemandPrices(list)]).toEqual([
    ['m5.large', 0.107],
    ['g5.xlarge', 1.123],
  ]);
});

it('prices of nothing, in other currencies, or by other units are none', () => {
  const list = [
    product('p5e.48xlarge', { USD: '0.0000000000' }),
    product('m5.large', { CNY: '1.07' }),
    product('m5.xlarge', { USD: '5' }, 'Quantity'),
    JSON.stringify({ product: { attributes: {} }, terms: {} }),
  ];
  expect(onDemandPrices(list).size).toBe(0);
});

const rate = (usagetype: string, unit: string, dollars: string, operatingSystem?: string): string =>
  JSON.stringify({
    product: { attributes: { usagetype, ...(operatingSystem && { operatingSystem }) } },
    terms: { OnDemand: { a: { priceDimensions: { b: { unit, pricePerUnit: { USD: dollars } } } } } },
  });

it('a rate is the one of its usage type, with or without a code of the region, for Linux', () => {
  const disk = [
    rate('EUC1-EBS:VolumeP-IOPS.gp3', 'IOPS-Mo', '0.006'),
    rate('EUC1-EBS:VolumeUsage.gp3', 'GB-Mo', '0.0952'),
  ];
  const ipv4 = [
    rate('EUC1-PublicIPv4:InUseAddress-BYOIP', 'Hrs', '0.001'),
    rate('EUC1-PublicIPv4:IdleAddress', 'Hrs', '0.007'),
    rate('EUC1-PublicIPv4:InUseAddress', 'Hrs', '0.005'),
  ];
  const credits = [
    rate('CPUCredits:t3', 'vCPU-Hours', '0.096', 'Windows'),
    rate('CPUCredits:t3a', 'vCPU-Hours', '0.09', 'Linux'),
    rate('CPUCredits:t3', 'vCPU-Hours', '0.05', 'Linux'),
  ];
  expect(ratesIn({ disk, ipv4, x86_64: credits, arm64: credits })).toEqual({
    ...{ diskGibMonth: 0.0952, ipv4Hour: 0.005 },
    creditsVcpuHour: { x86_64: 0.05, arm64: null },
  });
});

it('a list without disks or addresses is not understood, and says what it lacks', () => {
  const lists = { disk: [], ipv4: [], x86_64: [], arm64: [] };
  expect(() => ratesIn(lists)).toThrow(
    'the Price List of AmazonEC2 has no EBS:VolumeUsage.gp3 among 0 products',
  );
});
