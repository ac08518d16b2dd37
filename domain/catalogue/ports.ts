import type { Instant } from '../kernel/instant.ts';
import type { Catalogue, Content, InstanceType, Zone } from '../planning/catalogue.ts';
import type { PreparedCatalogue } from '../planning/prepared.ts';
import type { Rates } from '../planning/price.ts';

/** The catalogue that plans are made from now. */
export interface CatalogueSource {
  /** Throws `NoCatalogue` where there is none of the region. */
  current(): Promise<PreparedCatalogue>;
}

/** No catalogue of the region has been shipped or made yet: nothing can be planned there. */
export class NoCatalogue extends Error {
  constructor(region: string) {
    super(
      `there is no catalogue of ${region} yet, so nothing can be planned. hint: \`npm run catalogue -- --region ${region} ` +
        `--bucket BUCKET\` makes one now; the function \`refresh\` does so every hour, and its log says why it failed`,
    );
    this.name = 'NoCatalogue';
  }
}

/** Where the newest catalogue of a region is kept. */
export interface CatalogueShelf {
  /** `etag` of an earlier read: content that is the same is not read again. Throws when it is damaged, or out of reach. */
  read(etag: string | null): Promise<Shelved>;
  /** Replaces the newest one, and keeps it under its version as well. Resolves with the version. */
  write(content: Content): Promise<string>;
}
export type Shelved =
  | { readonly kind: 'none' }
  | { readonly kind: 'same' }
  | { readonly kind: 'found'; readonly catalogue: Catalogue; readonly etag: string };

/** A region as AWS describes it at the moment, in the account that asks. Each call throws what it met with. */
export interface RegionFacts {
  machines(): Promise<Machines>;
  /** $/h by type: Linux, shared tenancy. */
  onDemandPrices(): Promise<ReadonlyMap<string, number>>;
  rates(): Promise<FoundRates>;
  /** $/h by type and zone, as in force at `now`. What is not sold on spot in a zone has no price there. */
  spotPrices(now: Instant): Promise<SpotPrices>;
}
/** Prices beside those of instance types, in $. `null`: the region has no such burstable types. */
export interface FoundRates extends Pick<Rates, 'diskGibMonth' | 'ipv4Hour'> {
  readonly creditsVcpuHour: Readonly<Record<keyof Rates['creditsVcpuHour'], number | null>>;
}

export type SpotPrices = ReadonlyMap<string, ReadonlyMap<string, number>>;

export interface Machines {
  readonly zones: readonly Zone[];
  readonly types: readonly Machine[];
}
export type Machine = Omit<InstanceType, 'onDemandPrice' | 'spot'> & {
  readonly onDemand: 'sold on demand' | 'not sold on demand';
};
