import * as z from 'zod';

/** What is read of one product of the Price List (`aws_v1`), of which each is a JSON string. */
const Product = z.object({
  product: z.object({ attributes: z.object({ instanceType: z.string().optional() }) }),
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

/** $/h on demand by instance type. Prices of 0 (capacity blocks) and in other currencies (China) are left out. */
export function onDemandPrices(priceList: readonly string[]): ReadonlyMap<string, number> {
  const prices = new Map<string, number>();
  for (const json of priceList) {
    const { product, terms } = Product.parse(JSON.parse(json));
    const dimensions = Object.values(terms.OnDemand ?? {}).flatMap((term) =>
      Object.values(term.priceDimensions),
    );
    const hourly = dimensions.find(
      ({ unit, pricePerUnit }) => unit === 'Hrs' && Number(pricePerUnit.USD) > 0,
    );
    const { instanceType } = product.attributes;
    if (instanceType !== undefined && hourly) prices.set(instanceType, Number(hourly.pricePerUnit.USD));
  }
  return prices;
}
