import * as z from 'zod';
import type { FoundRates } from '../../domain/catalogue/ports.ts';

/** What is read of one product of the Price List (`aws_v1`), of which each is a JSON string. */
const Product = z.object({
  product: z.object({
    attributes: z.object({
      instanceType: z.string().optional(),
      usagetype: z.string().optional(),
      operatingSystem: z.string().optional(),
    }),
  }),
  terms: z.object({
    OnDemand: z
      .record(
        z.string(),
        z.object({
          priceDimensions: z.record(
            z.string(),
            z.object({ unit: z.string(), pricePerUnit: z.object({ USD: z.string().optional() }) }),
          ),
        }),
      )
      .optional(),
  }),
});
type Product = z.infer<typeof Product>;

const productIn = (json: string): Product => Product.parse(JSON.parse(json));

/** In $ for one unit. Prices of 0 (capacity blocks) and in other currencies (China) are none. */
function pricePer(unit: string, { terms }: Product): number | undefined {
  const dimensions = Object.values(terms.OnDemand ?? {}).flatMap((term) =>
    Object.values(term.priceDimensions),
  );
  const found = dimensions.find((one) => one.unit === unit && Number(one.pricePerUnit.USD) > 0);
  return found && Number(found.pricePerUnit.USD);
}

/** $/h on demand by instance type. */
export function onDemandPrices(priceList: readonly string[]): ReadonlyMap<string, number> {
  const prices = new Map<string, number>();
  for (const product of priceList.map(productIn)) {
    const { instanceType } = product.product.attributes;
    const hourly = pricePer('Hrs', product);
    if (instanceType !== undefined && hourly !== undefined) prices.set(instanceType, hourly);
  }
  return prices;
}

/**
 * What to ask the Price List for each rate. Products are told apart by their usage type, which begins with a code of the
 * region (`EUC1-EBS:VolumeUsage.gp3`; none for some of us-east-1). Addresses have no product family.
 * Source: https://docs.aws.amazon.com/cur/latest/userguide/product-columns.html (`product/usagetype`)
 */
export const rateQueries = {
  disk: {
    service: 'AmazonEC2',
    where: { productFamily: 'Storage', volumeApiName: 'gp3' },
    usage: 'EBS:VolumeUsage.gp3',
    unit: 'GB-Mo',
  },
  ipv4: { service: 'AmazonVPC', where: {}, usage: 'PublicIPv4:InUseAddress', unit: 'Hrs' },
  x86_64: {
    service: 'AmazonEC2',
    where: { productFamily: 'CPU Credits' },
    usage: 'CPUCredits:t3',
    unit: 'vCPU-Hours',
  },
  arm64: {
    service: 'AmazonEC2',
    where: { productFamily: 'CPU Credits' },
    usage: 'CPUCredits:t4g',
    unit: 'vCPU-Hours',
  },
} as const;
type Rate = keyof typeof rateQueries;

/** Throws where disks or addresses have no price: an answer that is not understood. */
export function ratesIn(listFor: Readonly<Record<Rate, readonly string[]>>): FoundRates {
  return {
    diskGibMonth: needed('disk', listFor.disk),
    ipv4Hour: needed('ipv4', listFor.ipv4),
    creditsVcpuHour: {
      x86_64: rateIn('x86_64', listFor.x86_64) ?? null,
      arm64: rateIn('arm64', listFor.arm64) ?? null,
    },
  };
}

function needed(rate: Rate, priceList: readonly string[]): number {
  const price = rateIn(rate, priceList);
  if (price !== undefined) return price;
  const { service, usage } = rateQueries[rate];
  throw new Error(`the Price List of ${service} has no ${usage} among ${priceList.length} products`);
}

function rateIn(rate: Rate, priceList: readonly string[]): number | undefined {
  const { usage, unit } = rateQueries[rate];
  for (const product of priceList.map(productIn)) {
    const { usagetype = '', operatingSystem = 'Linux' } = product.product.attributes;
    const isIt = usagetype === usage || usagetype.endsWith(`-${usage}`);
    const price = isIt && operatingSystem === 'Linux' ? pricePer(unit, product) : undefined;
    if (price !== undefined) return price;
  }
  return undefined;
}
