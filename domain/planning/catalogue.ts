import type { Rates } from './price.ts';

/** What the planner knows of EC2 in one region: facts as AWS reports them, nothing derived. */
export type Catalogue = {
  region: string;
  /** Names the content: equal zones, types and prices have the same version, whenever and wherever they were read. */
  version: string;
  /** When the on-demand prices were read: ISO 8601, a day or an instant. */
  priceAsOf: string;
  /** When the spot prices were read; `null` when the catalogue has none. */
  spotAsOf: string | null;
  rates: Rates;
  zones: readonly Zone[];
  types: readonly InstanceType[];
};

/** A catalogue whose content has no version yet. */
export type Content = Omit<Catalogue, 'version'>;

/**
 * An Availability Zone. The same name stands for another zone in another account; the id is the same for all, and `null`
 * where it was not recorded.
 * Source: https://docs.aws.amazon.com/ram/latest/userguide/working-with-az-ids.html
 */
export type Zone = { name: string; id: string | null };

export type InstanceType = {
  name: string;
  /** EC2's words: `x86_64`, `arm64`, `i386`, `x86_64_mac`, `arm64_mac`. */
  architectures: readonly string[];
  vcpus: number;
  memoryMib: number;
  traits: readonly Trait[];
  /** Zones that offer the type, by name in the account that the catalogue was made in, sorted. */
  zones: readonly string[];
  /** Linux, shared tenancy, $/h; `null` when AWS does not sell it on demand. */
  onDemandPrice: number | null;
  spot: Spot | null;
  gpu: Gpu | null;
};

/** `unclustered`: EC2 takes it into no cluster placement group. */
export type Trait = 'previous-generation' | 'bare-metal' | 'burstable' | 'unclustered';

/** EC2 has no type with GPUs of two kinds. `count` is 0 for a fraction of one (`g6f`), whose memory is the fraction's. */
export type Gpu = { vendor: string; name: string; count: number; memoryMib: number };

export type Spot = {
  pricing: SpotPricing;
  /** Spot advisor's band of monthly interruptions, 0 (under 5 %) to 4 (over 20 %); `null` when unknown. */
  interruptionBand: number | null;
};

/** Spot advisor gives one saving for the region; the price history gives a price per zone, `null` where there is none. */
export type SpotPricing =
  | { by: 'saving'; percent: number }
  | { by: 'zone'; prices: readonly (number | null)[] };

/** $/h of the type on spot in its `zones[index]`, to EC2's six decimals; `null`: not to be had. */
export function spotPrice(type: InstanceType, index: number): number | null {
  const pricing = type.spot?.pricing;
  if (pricing === undefined) return null;
  if (pricing.by === 'zone') return pricing.prices[index] ?? null;
  if (type.onDemandPrice === null) return null;
  return Math.round(type.onDemandPrice * (100 - pricing.percent) * 1e4) / 1e6;
}
