import * as z from 'zod';
import { fail, ok } from '../../../domain/kernel/result.ts';
import type { InstanceType } from '../../../domain/planning/catalogue.ts';
import { type JsonService, operation } from '../aws-json/serve.ts';
import type { AccountRegion } from '../ec2/account-region.ts';
import type { FaultSwitches } from '../wire/faults.ts';

const Filter = z.object({ Type: z.literal('TERM_MATCH'), Field: z.string(), Value: z.string() });

/** The Price List's GetProducts for EC2 instances on demand. It has the prices of every region in the world, and here of one. */
export function pricingService(region: AccountRegion, faults: FaultSwitches): JsonService {
  const all = region.types.flatMap((type) =>
    productsOf(type, region.region).map((product) => ({ type, product })),
  );
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
          if (ServiceCode !== 'AmazonEC2')
            return fail({ status: 400, code: 'NotFoundException', message: 'Service Code not found' });
          const products = all.filter(
            ({ type, product }) =>
              region.onDemandPrice(type) !== null &&
              Filters.every(({ Field, Value }) => valueOf(product, Field) === Value),
          );
          const start = Number(NextToken ?? 0);
          const end = start + MaxResults;
          return ok({
            FormatVersion: 'aws_v1',
            PriceList: products
              .slice(start, end)
              .map(({ type, product }) => JSON.stringify(atPrice(product, region.onDemandPrice(type) ?? 0))),
            ...(end < products.length && { NextToken: String(end) }),
          });
        },
      ),
    },
  };
}

type Attributes = Readonly<Record<string, string>>;
type Product = { readonly productFamily: string; readonly sku: string; readonly attributes: Attributes };

const valueOf = (product: Product, field: string): string | undefined =>
  field === 'productFamily' ? product.productFamily : product.attributes[field];

/** As the list has it: the machine as it is used, and the same as a capacity reservation that is not, each at a price. */
function productsOf(type: InstanceType, regionCode: string): Product[] {
  const metal = type.traits.includes('bare-metal');
  return ['Used', 'UnusedCapacityReservation'].map((capacitystatus) => ({
    productFamily: metal ? 'Compute Instance (bare metal)' : 'Compute Instance',
    sku: `${type.name.replaceAll(/\W/g, '').toUpperCase()}${capacitystatus[1]}`,
    attributes: {
      ...{ instanceType: type.name, regionCode, operatingSystem: 'Linux', preInstalledSw: 'NA' },
      ...{ capacitystatus, marketoption: 'OnDemand', tenancy: metal ? 'Dedicated' : 'Shared' },
    },
  }));
}

function atPrice(product: Product, price: number): object {
  const term = `${product.sku}.JRTCKXETXF`;
  const rate = { unit: 'Hrs', pricePerUnit: { USD: price.toFixed(10) } };
  return { product, terms: { OnDemand: { [term]: { priceDimensions: { [`${term}.6YS6EN2CT7`]: rate } } } } };
}
