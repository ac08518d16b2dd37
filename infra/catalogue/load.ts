import { NoCatalogue } from '../../domain/catalogue/ports.ts';
import type { Catalogue } from '../../domain/planning/catalogue.ts';
import type { ImageKind } from '../../domain/planning/image.ts';
import { type PreparedCatalogue, prepareCatalogue, type Site } from '../../domain/planning/prepared.ts';
import { decodeCatalogue } from './file.ts';
import { shipped } from './shipped.ts';

/** What a deployment's environment says of it. */
export const siteOf = (env: {
  readonly SORTIE_IMAGES: ReadonlyMap<ImageKind, string>;
  readonly SORTIE_PUBLIC_IPV4: 'yes' | 'no';
}): Site => ({
  publicIpv4: env.SORTIE_PUBLIC_IPV4 === 'yes',
  images: new Set(env.SORTIE_IMAGES.keys()),
});

/** The catalogue that Sortie is shipped with of a region, if there is one. */
export function shippedCatalogue(region: string): Catalogue | null {
  const file = shipped[region];
  return file === undefined ? null : decodeCatalogue(file);
}

/** Prepared once per process: it is the same for every plan, and takes some 15 ms. */
const prepared = new Map<string, PreparedCatalogue>();

/** The shipped catalogue of a region, ready to plan with; without a `site`, all that it has. Throws `NoCatalogue` when none is shipped for it. */
export function loadCatalogue(region: string, site?: Site): PreparedCatalogue {
  const key = `${region} ${site?.publicIpv4} ${site && [...site.images].join()}`;
  const known = prepared.get(key);
  if (known) return known;
  const file = shippedCatalogue(region);
  if (file === null) throw new NoCatalogue(region);
  const catalogue = prepareCatalogue(file, 'shipped', site);
  prepared.set(key, catalogue);
  return catalogue;
}
