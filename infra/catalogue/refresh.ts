import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { type Catalogue, spotPrice } from '../../domain/planning/catalogue.ts';
import { describeRegion } from './describe.ts';
import { readCatalogue, writeCatalogue } from './folder.ts';
import { catalogueFromEc2 } from './from-ec2.ts';
import { catalogueFromRecording } from './recorded.ts';

const usage = `Writes the catalogue of a region: instance types, zones and prices, which plans are made from.

  node infra/catalogue/refresh.ts --region eu-west-1     from EC2 and the Price List, with your AWS credentials
  node infra/catalogue/refresh.ts --from recording.json  from a recording of them
  --into FOLDER                                          elsewhere than beside this file`;

const needs = `Nothing was written. EC2 and the Price List want credentials that allow ec2:DescribeInstanceTypes,
ec2:DescribeInstanceTypeOfferings, ec2:DescribeSpotPriceHistory and pricing:GetProducts.`;

const { values } = parseArgs({
  options: {
    region: { type: 'string' },
    from: { type: 'string' },
    into: { type: 'string', default: import.meta.dirname },
    help: { type: 'boolean', short: 'h' },
  },
});

if (values.help || (values.region === undefined) === (values.from === undefined)) {
  console.log(usage);
  process.exitCode = values.help ? 0 : 2;
} else {
  await refresh(values).catch((error: unknown) => {
    console.error(error instanceof Error ? `${error.name}: ${error.message}` : error);
    console.error(values.from === undefined ? needs : `Nothing was read from ${values.from}.`);
    process.exitCode = 1;
  });
}

async function refresh(from: { region?: string; from?: string; into: string }): Promise<void> {
  const catalogue = await read(from);
  const offerings = catalogue.types.reduce((sum, type) => sum + offeringsOf(type), 0);
  if (offerings === 0) throw new Error(`No prices were found for ${catalogue.region}.`);
  const unpriced = catalogue.types.filter((type) => offeringsOf(type) === 0);
  const path = await writeCatalogue(from.into, catalogue);
  console.log(
    `${path}: ${catalogue.types.length} types, ${offerings} offerings, prices of ${catalogue.priceAsOf}`,
  );
  if (unpriced.length > 0) console.log(`not for sale: ${unpriced.map((type) => type.name).join(', ')}`);
}

async function read(from: { region?: string; from?: string; into: string }): Promise<Catalogue> {
  if (from.from !== undefined) return catalogueFromRecording(JSON.parse(await readFile(from.from, 'utf8')));
  const region = from.region ?? '';
  const previous = await readCatalogue(from.into, region);
  return catalogueFromEc2(await describeRegion(region, new Date()), previous);
}

function offeringsOf(type: Catalogue['types'][number]): number {
  const spot = type.zones.filter((_, index) => spotPrice(type, index) !== null);
  return spot.length + (type.onDemandPrice === null ? 0 : type.zones.length);
}
