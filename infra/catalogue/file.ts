import * as z from 'zod';
import type { Catalogue } from '../../domain/planning/catalogue.ts';
import { decodeType, encodeType } from './row.ts';

/** A catalogue as shipped: one string per type, so that a file is small, quick to load and readable in a diff. */
const CatalogueFile = z.object({
  region: z.string(),
  priceAsOf: z.iso.date(),
  spotAsOf: z.iso.date().nullable(),
  /** Names of the zones; a type's own are digits (base 36) into this list. */
  zones: z.array(z.string()).max(36),
  types: z.array(z.string()),
});

/** Throws when the file is not one that `encodeCatalogue` wrote. */
export function decodeCatalogue(json: unknown): Catalogue {
  const { region, priceAsOf, spotAsOf, zones, types } = CatalogueFile.parse(json);
  return { region, priceAsOf, spotAsOf, types: types.map((row) => decodeType(row, zones)) };
}

/** The text of the file: one line per type, by name. */
export function encodeCatalogue({ region, priceAsOf, spotAsOf, types }: Catalogue): string {
  const zones = [...new Set(types.flatMap((type) => type.zones))].sort();
  const rows = types.map((type) => encodeType(type, zones)).sort();
  const head = JSON.stringify({ region, priceAsOf, spotAsOf, zones } satisfies Omit<z.infer<typeof CatalogueFile>, 'types'>);
  return `${head.slice(0, -1)},"types":[\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]}\n`;
}
