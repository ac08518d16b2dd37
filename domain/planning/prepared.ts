import { type Candidate, machineOf } from './candidate.ts';
import { type Catalogue, type InstanceType, spotPrice } from './catalogue.ts';

/** A catalogue with its offerings spelled out and ranked once, so that a plan is one pass without sorting. */
export type PreparedCatalogue = {
  region: string;
  priceAsOf: string;
  spotAsOf: string | null;
  /** Cheapest first. At one price: on-demand before spot, which may be interrupted; the current generation before the
   * previous; then by name and zone. */
  ranked: readonly Candidate[];
};

export function prepareCatalogue(catalogue: Catalogue): PreparedCatalogue {
  const { region, priceAsOf, spotAsOf } = catalogue;
  const byName = catalogue.types.toSorted((a, b) => generation(a) - generation(b) || compare(a.name, b.name));
  const perType = byName.map((type) => offerings(type, region));
  // A stable sort by price alone: the order of equals is the order they are laid out in.
  const ranked = [...perType.flatMap((of) => of.onDemand), ...perType.flatMap((of) => of.spot)];
  return { region, priceAsOf, spotAsOf, ranked: ranked.sort((a, b) => a.price - b.price) };
}

function offerings(type: InstanceType, region: string): { onDemand: Candidate[]; spot: Candidate[] } {
  const machine = machineOf(type);
  const onDemand: Candidate[] = [];
  const spot: Candidate[] = [];
  type.zones.forEach((zone, index) => {
    const place = { machine, region, zone, idle: null };
    const price = spotPrice(type, index);
    if (type.onDemandPrice !== null)
      onDemand.push({ ...place, spot: 'on-demand', price: type.onDemandPrice });
    if (price !== null) spot.push({ ...place, spot: 'spot', price });
  });
  return { onDemand, spot };
}

const generation = (type: InstanceType): number => (type.traits.includes('previous-generation') ? 1 : 0);
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
