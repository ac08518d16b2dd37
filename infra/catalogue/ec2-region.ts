import {
  DescribeAvailabilityZonesCommand,
  EC2Client,
  type EC2ClientConfig,
  paginateDescribeInstanceTypeOfferings,
  paginateDescribeInstanceTypes,
  paginateDescribeSpotPriceHistory,
} from '@aws-sdk/client-ec2';
import { PricingClient, type PricingClientConfig, paginateGetProducts } from '@aws-sdk/client-pricing';
import type { RegionFacts } from '../../domain/catalogue/ports.ts';
import { timeouts } from '../timeouts.ts';
import { machinesFrom, spotPricesFrom } from './from-ec2.ts';
import { onDemandPrices, rateQueries, ratesIn } from './price-list.ts';

/** Beside EC2's own names: what the calls below need to be allowed. */
export const regionPermissions = [
  'ec2:DescribeAvailabilityZones',
  'ec2:DescribeInstanceTypes',
  'ec2:DescribeInstanceTypeOfferings',
  'ec2:DescribeSpotPriceHistory',
  'pricing:GetProducts',
] as const;

/**
 * A region as EC2 and the Price List describe it to this account: some 14 pages of types, 7 of offerings, 7 of spot prices
 * and 12 of prices, one of each rate, each as large as the call allows. Throws what the SDK throws.
 */
export function ec2Region(
  region: string,
  settings: { readonly ec2?: EC2ClientConfig; readonly pricing?: PricingClientConfig } = {},
): RegionFacts {
  const requestHandler = timeouts(20_000);
  const client = new EC2Client({ region, requestHandler, ...settings.ec2 });
  const priceList = () =>
    new PricingClient({ region: priceListRegion(region), requestHandler, ...settings.pricing });
  return {
    async machines() {
      const [zones, types, offerings] = await Promise.all([
        client.send(new DescribeAvailabilityZonesCommand({})),
        all(paginateDescribeInstanceTypes({ client, pageSize: 100 }, {}), (page) => page.InstanceTypes),
        all(
          paginateDescribeInstanceTypeOfferings(
            { client, pageSize: 1000 },
            { LocationType: 'availability-zone' },
          ),
          (page) => page.InstanceTypeOfferings,
        ),
      ]);
      return machinesFrom(zones.AvailabilityZones ?? [], types, offerings);
    },

    async rates() {
      const pricing = priceList();
      const { disk, ipv4, x86_64 } = rateQueries;
      const ask = ({ service, where }: (typeof rateQueries)[keyof typeof rateQueries]) =>
        products(pricing, service, { regionCode: region, ...where });
      const [disks, addresses, credits] = await Promise.all([ask(disk), ask(ipv4), ask(x86_64)]);
      return ratesIn({ disk: disks, ipv4: addresses, x86_64: credits, arm64: credits });
    },

    async onDemandPrices() {
      const pricing = priceList();
      const machines = (of: Record<string, string>) =>
        products(pricing, 'AmazonEC2', {
          regionCode: region,
          operatingSystem: 'Linux',
          preInstalledSw: 'NA',
          capacitystatus: 'Used',
          marketoption: 'OnDemand',
          ...of,
        });
      const [shared, metal] = await Promise.all([
        machines({ tenancy: 'Shared', productFamily: 'Compute Instance' }),
        // The Price List has bare metal under dedicated tenancy, though it costs the same on shared.
        machines({ tenancy: 'Dedicated', productFamily: 'Compute Instance (bare metal)' }),
      ]);
      return new Map([...onDemandPrices(metal), ...onDemandPrices(shared)]);
    },

    async spotPrices(now) {
      // A history from now to now has the price in force of each type in each zone.
      const at = new Date(now);
      const history = { ProductDescriptions: ['Linux/UNIX'], StartTime: at, EndTime: at };
      return spotPricesFrom(
        await all(
          paginateDescribeSpotPriceHistory({ client, pageSize: 1000 }, history),
          (page) => page.SpotPriceHistory,
        ),
      );
    },
  };
}

function products(client: PricingClient, service: string, where: Record<string, string>): Promise<string[]> {
  const Filters = Object.entries(where).map(([Field, Value]) => ({
    Type: 'TERM_MATCH' as const,
    Field,
    Value,
  }));
  const pages = paginateGetProducts(
    { client, pageSize: 100 },
    { ServiceCode: service, FormatVersion: 'aws_v1', Filters },
  );
  return all(pages, (page) => page.PriceList?.map(String));
}

/**
 * The Price List answers in three regions of the public partition, each of which knows the prices of all. China's has
 * prices in yuan and GovCloud has none.
 * Source: https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-price-list-query-api.html
 */
function priceListRegion(region: string): string {
  if (/^(cn|us-gov|us-iso\w*)-/.test(region))
    throw new Error(
      `AWS has no price list in US dollars for ${region}. hint: \`npm run catalogue -- --from FILE\` makes a catalogue from a file`,
    );
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
