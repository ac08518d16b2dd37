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
  /** The same, in the same order; together are those that differ in their zone alone. */
  groups: readonly (readonly Candidate[])[];
};

export function prepareCatalogue({ region, priceAsOf, spotAsOf, types }: Catalogue): PreparedCatalogue {
  const byName = types.toSorted((a, b) => generation(a) - generation(b) || compare(a.name, b.name));
  const offered = byName.map((type) => offerings(type, region));
  // Zones where a type costs the same are sorted as one, since this runs at a cold start. The sort is stable: equals
  // stay in the order they are laid out in.
  const alike = [...offered.map(({ onDemand }) => onDemand), ...offered.flatMap(({ spot }) => spot)];
  const groups = alike.filter((group) => group.length > 0).sort((a, b) => priceOf(a) - priceOf(b));
  return { region, priceAsOf, spotAsOf, ranked: groups.flat(), groups };
}

function offerings(type: InstanceType, region: string): { onDemand: Candidate[]; spot: Candidate[][] } {
  const machine = machineOf(type);
  const onDemand: Candidate[] = [];
  const spot = new Map<number, Candidate[]>();
  type.zones.forEach((zone, index) => {
    const price = type.onDemandPrice;
    if (price !== null) onDemand.push({ machine, region, zone, spot: 'on-demand', price, idle: null });
    const onSpot = spotPrice(type, index);
    if (onSpot === null) return;
    const alike = spot.get(onSpot) ?? [];
    alike.push({ machine, region, zone, spot: 'spot', price: onSpot, idle: null });
    spot.set(onSpot, alike);
  });
  return { onDemand, spot: [...spot.values()] };
}

const priceOf = (group: readonly Candidate[]): number => group[0]?.price ?? 0;
const generation = (type: InstanceType): number => (type.traits.includes('previous-generation') ? 1 : 0);
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
