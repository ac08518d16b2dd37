import { type PreparedCatalogue, prepareCatalogue } from '../../domain/planning/prepared.ts';
import { decodeCatalogue } from './file.ts';
import { shipped } from './shipped.ts';

/** Prepared once per process: it is the same for every plan, and takes some 15 ms. */
const prepared = new Map<string, PreparedCatalogue>();

/** The shipped catalogue of a region, ready to plan with. Throws when none is shipped for it. */
export function loadCatalogue(region: string): PreparedCatalogue {
  const known = prepared.get(region);
  if (known) return known;
  const file = shipped[region];
  if (file === undefined) {
    throw new Error(
      `No catalogue of ${region} is shipped (${Object.keys(shipped).join(', ')} are). ` +
        `Make one, then deploy again: node infra/catalogue/refresh.ts --region ${region}`,
    );
  }
  const catalogue = prepareCatalogue(decodeCatalogue(file));
  prepared.set(region, catalogue);
  return catalogue;
}
