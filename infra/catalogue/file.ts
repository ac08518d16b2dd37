import * as z from 'zod';
import type { Catalogue } from '../../domain/planning/catalogue.ts';
import { DEFAULT_RATES, Rates } from '../../domain/planning/price.ts';
import { decodeType, encodeType } from './row.ts';

/** A catalogue as shipped: one string per type, so that a file is small, quick to load and readable in a diff. */
const CatalogueFile = z.object({
  region: z.string(),
  priceAsOf: z.iso.date(),
  spotAsOf: z.iso.date().nullable(),
  /** Not in files that were written before prices had parts. */
  rates: Rates.default(DEFAULT_RATES),
  /** Names of the zones; a type's own are digits (base 36) into this list. */
  zones: z.array(z.string()).max(36),
  types: z.array(z.string()),
});

/** Throws when the file is not one that `encodeCatalogue` wrote. */
export function decodeCatalogue(json: unknown): Catalogue {
  const { region, priceAsOf, spotAsOf, rates, zones, types } = CatalogueFile.parse(json);
  // A region's types share some 16 lists of zones.
  const lists = new Map<string, readonly string[]>();
  const zonesOf = (digits: string): readonly string[] => {
    const list = lists.get(digits) ?? Array.from(digits, (digit) => zoneOf(digit, zones));
    lists.set(digits, list);
    return list;
  };
  return { region, priceAsOf, spotAsOf, rates, types: types.map((row) => decodeType(row, zonesOf)) };
}

/** The text of the file: one line per type, by name. */
export function encodeCatalogue({ region, priceAsOf, spotAsOf, rates, types }: Catalogue): string {
  const zones = [...new Set(types.flatMap((type) => type.zones))].sort();
  const rows = types.map((type) => encodeType(type, zones)).sort();
  const head = JSON.stringify({ region, priceAsOf, spotAsOf, rates, zones } satisfies Omit<
    z.infer<typeof CatalogueFile>,
    'types'
  >);
  return `${head.slice(0, -1)},"types":[\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]}\n`;
}

function zoneOf(digit: string, zones: readonly string[]): string {
  const zone = zones[Number.parseInt(digit, 36)];
  if (zone === undefined)
    throw new Error(`The catalogue has a type in zone "${digit}", of ${zones.length} zones.`);
  return zone;
}
