import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { CatalogueShelf } from '../../domain/catalogue/ports.ts';
import { type Refreshed, refreshCatalogue } from '../../domain/catalogue/refresh.ts';
import { type Content, spotPrice } from '../../domain/planning/catalogue.ts';
import { ec2Region, regionPermissions } from './ec2-region.ts';
import { readCatalogue, writeCatalogue } from './folder.ts';
import { shippedCatalogue } from './load.ts';
import { catalogueFromRecording } from './recorded.ts';
import { s3Shelf } from './s3-shelf.ts';

const usage = `Makes the catalogue of a region: instance types, zones and prices, which plans are made from.

  npm run catalogue -- --region eu-west-1 --bucket BUCKET   for a deployment, as its function \`refresh\` does every hour
  npm run catalogue -- --region eu-west-1                   into this project, to be shipped by the next deployment
  npm run catalogue -- --from recording.json                the same from a recording
  --into FOLDER                                             elsewhere than beside this file`;

const needs = `EC2 and the Price List want credentials that allow ${regionPermissions.join(', ')}.`;

const { values } = parseArgs({
  options: {
    region: { type: 'string' },
    bucket: { type: 'string' },
    from: { type: 'string' },
    into: { type: 'string', default: import.meta.dirname },
    help: { type: 'boolean', short: 'h' },
  },
});

if (values.help || (values.region === undefined) === (values.from === undefined)) {
  console.log(usage);
  process.exitCode = values.help ? 0 : 2;
} else {
  await make(values).catch((error: unknown) => {
    console.error(error instanceof Error ? `${error.name}: ${error.message}` : error);
    process.exitCode = 1;
  });
}

async function make({ region, bucket, from, into }: typeof values & { into: string }): Promise<void> {
  if (from !== undefined) {
    const content = catalogueFromRecording(JSON.parse(await readFile(from, 'utf8')));
    report(content, await writeCatalogue(into, content));
  } else if (region !== undefined) {
    const place = bucket === undefined ? into : `s3://${bucket}`;
    const shelf = bucket === undefined ? folderShelf(into, region) : s3Shelf({ region, bucket });
    const shipped = bucket === undefined ? null : shippedCatalogue(region);
    const on = { region, facts: ec2Region(region), shelf, shipped, runtime: { now: Date.now } };
    told(await refreshCatalogue(on), place);
  }
}

/** The folder of the shipped catalogues, where each is made anew as a whole. */
function folderShelf(into: string, region: string): CatalogueShelf {
  return {
    async read() {
      const catalogue = await readCatalogue(into, region);
      return catalogue === null ? { kind: 'none' } : { kind: 'found', catalogue, etag: '' };
    },
    write: (content) => writeCatalogue(into, content),
  };
}

function told({ written, failures }: Refreshed, place: string): void {
  if (written !== null) report(written.content, `${place} (${written.version})`);
  for (const { part, error } of failures)
    console.error(`${part}: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`);
  if (failures.length === 0) return;
  console.error(written === null ? `Nothing was written. ${needs}` : `These stay as they were. ${needs}`);
  process.exitCode = 1;
}

function report(content: Content, where: string): void {
  const offerings = content.types.reduce((sum, type) => sum + offeringsOf(type), 0);
  const unpriced = content.types.filter((type) => offeringsOf(type) === 0);
  console.log(
    `${where}: ${content.types.length} types, ${offerings} offerings, prices of ${content.priceAsOf}, ` +
      `spot prices of ${content.spotAsOf ?? 'never'}`,
  );
  if (unpriced.length > 0) console.log(`not for sale: ${unpriced.map((type) => type.name).join(', ')}`);
}

function offeringsOf(type: Content['types'][number]): number {
  const spot = type.zones.filter((_, index) => spotPrice(type, index) !== null);
  return spot.length + (type.onDemandPrice === null ? 0 : type.zones.length);
}
