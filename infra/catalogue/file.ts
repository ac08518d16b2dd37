import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { Catalogue, Content } from '../../domain/planning/catalogue.ts';
import { Rates } from '../../domain/planning/price.ts';
import { decodeType, encodeType } from './row.ts';

/** A catalogue as a file: one string per type, so that it is small, quick to load and readable in a diff. */
const CatalogueFile = z.object({
  region: z.string(),
  /** The hash of whatever a plan depends on: the rates, the zones and the types of the region. */
  version: z.string(),
  priceAsOf: z.union([z.iso.date(), z.iso.datetime()]),
  spotAsOf: z.union([z.iso.date(), z.iso.datetime()]).nullable(),
  rates: Rates,
  /** Names and ids of the zones; a type's own are digits (base 36) into this list. */
  zones: z.array(z.tuple([z.string(), z.string().nullable()])).max(36),
  types: z.array(z.string()),
});
type CatalogueFile = z.infer<typeof CatalogueFile>;

/** Throws when the file is not one that `encodeCatalogue` wrote, or is not whole. */
export function decodeCatalogue(json: unknown): Catalogue {
  const file = CatalogueFile.parse(json);
  const { version, types, zones, ...rest } = file;
  if (version !== versionOf(file))
    throw new Error(`The catalogue of ${file.region} is damaged: its content is not that of ${version}.`);
  const names = zones.map(([name]) => name);
  // A region's types share some 16 lists of zones.
  const lists = new Map<string, readonly string[]>();
  const zonesOf = (digits: string): readonly string[] => {
    const list = lists.get(digits) ?? Array.from(digits, (digit) => zoneOf(digit, names));
    lists.set(digits, list);
    return list;
  };
  return {
    ...rest,
    version,
    zones: zones.map(([name, id]) => ({ name, id })),
    types: types.map((row) => decodeType(row, zonesOf)),
  };
}

/** The text of the file, one line per type, by name; and the version that it has. */
export function encodeCatalogue(content: Content): { text: string; version: string } {
  const { region, priceAsOf, spotAsOf, rates, zones, types } = content;
  const names = zones.map(({ name }) => name);
  const rows = types.map((type) => encodeType(type, names)).sort();
  const file: Omit<CatalogueFile, 'version'> = {
    ...{ region, priceAsOf, spotAsOf, rates },
    zones: zones.map(({ name, id }): [string, string | null] => [name, id]),
    types: rows,
  };
  const version = versionOf(file);
  const head = JSON.stringify({ ...file, version, types: undefined });
  const lines = rows.map((row) => JSON.stringify(row)).join(',\n');
  return { text: `${head.slice(0, -1)},"types":[\n${lines}\n]}\n`, version };
}

/** 12 hex digits of SHA-256: two of a million versions are alike with a chance of 1 in 500. */
function versionOf({ region, rates, zones, types }: Omit<CatalogueFile, 'version'>): string {
  const content = JSON.stringify([region, rates, zones, types]);
  return createHash('sha256').update(content).digest('hex').slice(0, 12);
}

function zoneOf(digit: string, zones: readonly string[]): string {
  const zone = zones[Number.parseInt(digit, 36)];
  if (zone === undefined)
    throw new Error(`The catalogue has a type in zone "${digit}", of ${zones.length} zones.`);
  return zone;
}
