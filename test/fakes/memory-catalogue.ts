import type {
  CatalogueShelf,
  CatalogueSource,
  FoundRates,
  Machines,
  RegionFacts,
} from '../../domain/catalogue/ports.ts';
import type { Content } from '../../domain/planning/catalogue.ts';
import type { PreparedCatalogue } from '../../domain/planning/prepared.ts';
import { DEFAULT_RATES } from '../../domain/planning/price.ts';
import { decodeCatalogue, encodeCatalogue } from '../../infra/catalogue/file.ts';

/** A catalogue that never changes. */
export const always = (catalogue: PreparedCatalogue): CatalogueSource => ({ current: async () => catalogue });

export interface MemoryShelf extends CatalogueShelf {
  /** Replaces the newest object by something that is no catalogue. */
  damage(): void;
  readonly versions: () => readonly string[];
}

/** The bucket's catalogues in memory: passes the contract of test/infra/catalogue. */
export function memoryShelf(): MemoryShelf {
  const versions = new Set<string>();
  let newest: { readonly text: string; readonly etag: string } | null = null;
  let writes = 0;
  const put = (text: string) => {
    newest = { text, etag: `"${++writes}"` };
  };
  return {
    async read(etag) {
      if (newest === null) return { kind: 'none' };
      if (newest.etag === etag) return { kind: 'same' };
      try {
        return { kind: 'found', catalogue: decodeCatalogue(JSON.parse(newest.text)), etag: newest.etag };
      } catch (error) {
        throw new Error('the catalogue is damaged', { cause: error });
      }
    },
    async write(content: Content) {
      const { text, version } = encodeCatalogue(content);
      versions.add(version);
      put(text);
      return version;
    },
    damage: () => put('{"region":"us-east-1"}'),
    versions: () => [...versions],
  };
}

export interface MemoryRegion extends RegionFacts {
  machinesAre(machines: Machines): void;
  priceOf(type: string, dollars: number | null): void;
  spotPriceOf(type: string, zone: string, dollars: number | null): void;
  /** In $ for a unit; `null`: it is not in the list. */
  ratesAre(rates: FoundRates): void;
  /** Calls of this kind throw from now on; `none`: no more. */
  breaks(call: keyof RegionFacts | 'none'): void;
}

/** A region in memory: passes the same contract as the one that asks EC2. */
export function memoryRegion(): MemoryRegion {
  let machines: Machines = { zones: [], types: [] };
  const prices = new Map<string, number>();
  const spot = new Map<string, Map<string, number>>();
  let rates: FoundRates = DEFAULT_RATES;
  let broken: keyof RegionFacts | 'none' = 'none';
  const check = (call: keyof RegionFacts) => {
    if (broken === call) throw new Error(`${call}: UnauthorizedOperation`);
  };
  return {
    async machines() {
      check('machines');
      return machines;
    },
    async onDemandPrices() {
      check('onDemandPrices');
      return new Map(prices);
    },
    async rates() {
      check('rates');
      return rates;
    },
    async spotPrices() {
      check('spotPrices');
      return new Map([...spot].map(([type, zones]) => [type, new Map(zones)]));
    },
    machinesAre(given) {
      machines = given;
    },
    priceOf(type, dollars) {
      if (dollars === null) prices.delete(type);
      else prices.set(type, dollars);
    },
    spotPriceOf(type, zone, dollars) {
      const zones = spot.get(type) ?? new Map<string, number>();
      if (dollars === null) zones.delete(zone);
      else zones.set(zone, dollars);
      spot.set(type, zones);
    },
    ratesAre(given) {
      rates = given;
    },
    breaks(call) {
      broken = call;
    },
  };
}
