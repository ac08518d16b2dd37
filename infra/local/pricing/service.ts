import * as z from 'zod';
import { fail, ok } from '../../../domain/kernel/result.ts';
import type { InstanceType } from '../../../domain/planning/catalogue.ts';
import { type JsonService, operation } from '../aws-json/serve.ts';
import type { AccountRegion, BilledRate } from '../ec2/account-region.ts';
import type { FaultSwitches } from '../wire/faults.ts';

const Filter = z.object({ Type: z.literal('TERM_MATCH'), Field: z.string(), Value: z.string() });
const services = ['AmazonEC2', 'AmazonVPC'];

/**
 * The Price List's GetProducts: EC2 instances on demand, gp3 volumes, CPU credits and public addresses. It has the prices
 * of every region in the world, and here of one.
 */
export function pricingService(region: AccountRegion, faults: FaultSwitches): JsonService {
  const machines = region.types.flatMap((type) =>
    machinesOf(type, region.region).map((product) => ({ type, product })),
  );
  // In this order, page after page.
  const listed = (): Listed[] => [
    ...region.rates().map((rate) => ({ product: rateOf(rate, region.region), price: rate.price })),
    ...machines.flatMap(({ type, product }) => {
      const price = region.onDemandPrice(type);
      return price === null ? [] : [{ product, price }];
    }),
  ];
  return {
    target: 'AWSPriceListService',
    version: '1.1',
    operations: {
      GetProducts: operation(
        z.object({
          ServiceCode: z.string(),
          FormatVersion: z.literal('aws_v1').default('aws_v1'),
          Filters: z.array(Filter).max(50).default([]),
          MaxResults: z.number().int().min(1).max(100).default(100),
          NextToken: z.string().optional(),
        }),
        'InvalidParameterException',
        ({ ServiceCode, Filters, MaxResults, NextToken }) => {
          if (faults.current.outage.includes('pricing'))
            return fail({ status: 500, code: 'InternalErrorException', message: 'An error on the server' });
          if (!services.includes(ServiceCode))
            return fail({ status: 400, code: 'NotFoundException', message: 'Service Code not found' });
          const found = listed().filter(
            ({ product }) =>
              product.serviceCode === ServiceCode &&
              Filters.every(({ Field, Value }) => valueOf(product, Field) === Value),
          );
          const start = Number(NextToken ?? 0);
          const end = start + MaxResults;
          return ok({
            FormatVersion: 'aws_v1',
            PriceList: found.slice(start, end).map((one) => JSON.stringify(atPrice(one))),
            ...(end < found.length && { NextToken: String(end) }),
          });
        },
      ),
    },
  };
}

type Attributes = Readonly<Record<string, string>>;
interface Product {
  readonly serviceCode: string;
  readonly productFamily?: string;
  readonly sku: string;
  readonly unit: string;
  readonly attributes: Attributes;
}
interface Listed {
  readonly product: Product;
  readonly price: number;
}

const valueOf = ({ productFamily, attributes }: Product, field: string): string | undefined =>
  field === 'productFamily' ? productFamily : attributes[field];

/** As the list has it: the machine as it is used, and the same as a capacity reservation that is not, each at a price. */
function machinesOf(type: InstanceType, regionCode: string): Product[] {
  const metal = type.traits.includes('bare-metal');
  return ['Used', 'UnusedCapacityReservation'].map((capacitystatus) => ({
    serviceCode: 'AmazonEC2',
    productFamily: metal ? 'Compute Instance (bare metal)' : 'Compute Instance',
    sku: `${type.name.replaceAll(/\W/g, '').toUpperCase()}${capacitystatus[1]}`,
    unit: 'Hrs',
    attributes: {
      ...{ instanceType: type.name, regionCode, operatingSystem: 'Linux', preInstalledSw: 'NA' },
      ...{ capacitystatus, marketoption: 'OnDemand', tenancy: metal ? 'Dedicated' : 'Shared' },
    },
  }));
}

const billed = {
  'EBS:VolumeUsage.gp3': {
    ...{ serviceCode: 'AmazonEC2', productFamily: 'Storage', unit: 'GB-Mo' },
    attributes: { volumeApiName: 'gp3', volumeType: 'General Purpose' },
  },
  // It has no family.
  'PublicIPv4:InUseAddress': { serviceCode: 'AmazonVPC', unit: 'Hrs', attributes: {} },
  'CPUCredits:t3': {
    ...{ serviceCode: 'AmazonEC2', productFamily: 'CPU Credits', unit: 'vCPU-Hours' },
    attributes: { instance: 'T3', operatingSystem: 'Linux' },
  },
  'CPUCredits:t4g': {
    ...{ serviceCode: 'AmazonEC2', productFamily: 'CPU Credits', unit: 'vCPU-Hours' },
    attributes: { instance: 'T4G', operatingSystem: 'Linux' },
  },
} as const;

/** Its usage type has a code of the region before it, except for most of those of us-east-1. */
function rateOf({ usage }: BilledRate, regionCode: string): Product {
  const { attributes, ...product } = billed[usage];
  const usagetype =
    regionCode === 'us-east-1' && usage !== 'PublicIPv4:InUseAddress' ? usage : `USE1-${usage}`;
  return {
    ...product,
    sku: usage.replaceAll(/\W/g, '').toUpperCase(),
    attributes: { ...attributes, regionCode, usagetype },
  };
}

function atPrice({ product: { unit, serviceCode, ...product }, price }: Listed): object {
  const term = `${product.sku}.JRTCKXETXF`;
  const rate = { unit, pricePerUnit: { USD: price.toFixed(10) } };
  return {
    product,
    serviceCode,
    terms: { OnDemand: { [term]: { priceDimensions: { [`${term}.6YS6EN2CT7`]: rate } } } },
  };
}
