import {
  EC2Client,
  paginateDescribeInstanceTypeOfferings,
  paginateDescribeInstanceTypes,
  paginateDescribeSpotPriceHistory,
} from '@aws-sdk/client-ec2';
import { PricingClient, paginateGetProducts } from '@aws-sdk/client-pricing';
import type { Described } from './from-ec2.ts';
import { onDemandPrices } from './price-list.ts';

/** Asks EC2 and the Price List for everything about a region; some 40 requests, a minute at most.
 * Needs ec2:DescribeInstanceTypes, ec2:DescribeInstanceTypeOfferings, ec2:DescribeSpotPriceHistory, pricing:GetProducts.
 * Throws what the SDK throws. */
export async function describeRegion(region: string, now: Date): Promise<Described> {
  const ec2 = new EC2Client({ region });
  const pricing = new PricingClient({ region: priceListRegion(region) });
  // A history from now to now is the price in force, of each type in each zone.
  const history = { ProductDescriptions: ['Linux/UNIX'], StartTime: now, EndTime: now };
  const [types, offerings, spotPrices, shared, metal] = await Promise.all([
    all(paginateDescribeInstanceTypes({ client: ec2, pageSize: 100 }, {}), (page) => page.InstanceTypes),
    all(
      paginateDescribeInstanceTypeOfferings(
        { client: ec2, pageSize: 1000 },
        { LocationType: 'availability-zone' },
      ),
      (page) => page.InstanceTypeOfferings,
    ),
    all(
      paginateDescribeSpotPriceHistory({ client: ec2, pageSize: 1000 }, history),
      (page) => page.SpotPriceHistory,
    ),
    products(pricing, region, { tenancy: 'Shared', productFamily: 'Compute Instance' }),
    // The Price List has bare metal under dedicated tenancy, though it costs the same on shared.
    products(pricing, region, { tenancy: 'Dedicated', productFamily: 'Compute Instance (bare metal)' }),
  ]);
  const onDemand = new Map([...onDemandPrices(metal), ...onDemandPrices(shared)]);
  return { region, day: now.toISOString().slice(0, 10), types, offerings, spotPrices, onDemand };
}

function products(client: PricingClient, region: string, of: Record<string, string>): Promise<string[]> {
  const wanted = {
    regionCode: region,
    operatingSystem: 'Linux',
    preInstalledSw: 'NA',
    capacitystatus: 'Used',
    marketoption: 'OnDemand',
    ...of,
  };
  const Filters = Object.entries(wanted).map(([Field, Value]) => ({
    Type: 'TERM_MATCH' as const,
    Field,
    Value,
  }));
  const pages = paginateGetProducts(
    { client, pageSize: 100 },
    { ServiceCode: 'AmazonEC2', FormatVersion: 'aws_v1', Filters },
  );
  return all(pages, (page) => page.PriceList?.map(String));
}

/** The Price List answers in three places of the public partition; each knows all regions. */
function priceListRegion(region: string): string {
  if (/^(eu|af|me|il)-/.test(region)) return 'eu-central-1';
  return region.startsWith('ap-') ? 'ap-south-1' : 'us-east-1';
}

async function all<Page, Item>(
  pages: AsyncIterable<Page>,
  items: (page: Page) => readonly Item[] | undefined,
): Promise<Item[]> {
  const found: Item[] = [];
  for await (const page of pages) found.push(...(items(page) ?? []));
  return found;
}
