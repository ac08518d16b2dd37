import * as z from 'zod';
import { type Candidate, machineOf } from './candidate.ts';
import { type Catalogue, type InstanceType, spotPrice } from './catalogue.ts';
import { type ImageKind, imageKinds } from './image.ts';
import { type CpuCredits, instanceAlone, partsOf, type Rates, sumOf } from './price.ts';

/** A catalogue with its offerings spelled out and ranked once, so that a plan is one pass without sorting. */
export type PreparedCatalogue = {
  region: string;
  version: string;
  origin: Origin;
  priceAsOf: string;
  spotAsOf: string | null;
  rates: Rates;
  site: Site;
  /** Cheapest first. At one price: on-demand before spot, which may be interrupted; the current generation before the
   * previous; then by name and zone. */
  ranked: readonly Candidate[];
  /** The same, in the same order; together are those that differ in their zone alone. */
  groups: readonly (readonly Candidate[])[];
};

/** `shipped` with Sortie, or `refreshed` from EC2 in the account that it is used in. */
export const Origin = z.enum(['shipped', 'refreshed']);
export type Origin = z.infer<typeof Origin>;

/** What a deployment makes of a region. */
export interface Site {
  /** Whether its subnets give instances a public address. */
  readonly publicIpv4: boolean;
  /** The kinds of images that it has. */
  readonly images: ReadonlySet<ImageKind>;
}

const everything: Site = { publicIpv4: true, images: new Set(imageKinds) };

export function prepareCatalogue(
  catalogue: Catalogue,
  origin: Origin,
  site: Site = everything,
): PreparedCatalogue {
  const { region, version, priceAsOf, spotAsOf, rates, types } = catalogue;
  const byName = types.toSorted((a, b) => generation(a) - generation(b) || compare(a.name, b.name));
  const offered = byName.map((type) => offerings(type, region));
  // Zones where a type costs the same are sorted as one, since this runs at a cold start. The sort is stable: equals
  // stay in the order they are laid out in.
  const alike = [...offered.map(({ onDemand }) => onDemand), ...offered.flatMap(({ spot }) => spot)];
  const groups = cheapestFirst(alike.filter((group) => group.length > 0));
  return { region, version, origin, priceAsOf, spotAsOf, rates, site, ranked: groups.flat(), groups };
}

function offerings(type: InstanceType, region: string): { onDemand: Candidate[]; spot: Candidate[][] } {
  const machine = machineOf(type);
  const onDemand: Candidate[] = [];
  const spot = new Map<number, Candidate[]>();
  const all = { machine, region, onDemand: type.onDemandPrice, idle: null };
  const priced = (price: number) => ({ price, parts: instanceAlone(price) });
  type.zones.forEach((zone, index) => {
    const price = type.onDemandPrice;
    if (price !== null) onDemand.push({ ...all, zone, spot: 'on-demand', ...priced(price) });
    const onSpot = spotPrice(type, index);
    if (onSpot === null) return;
    const alike = spot.get(onSpot) ?? [];
    alike.push({ ...all, zone, spot: 'spot', ...priced(onSpot) });
    spot.set(onSpot, alike);
  });
  return { onDemand, spot: [...spot.values()] };
}

/** A request as far as prices depend on it. */
export interface Priced {
  readonly disk_gib: number;
  readonly cpu_credits: CpuCredits;
}

// Most requests want the same disk. One of these is 10,561 offers in us-east-1, some 2 MB.
const MOST_REMEMBERED = 8;
const remembered = new WeakMap<PreparedCatalogue, Map<string, PreparedCatalogue>>();

/** The catalogue at the prices of a request, of which that of the instance is only a part. */
export function pricedFor(catalogue: PreparedCatalogue, request: Priced): PreparedCatalogue {
  const known = remembered.get(catalogue) ?? new Map<string, PreparedCatalogue>();
  remembered.set(catalogue, known);
  const key = `${request.disk_gib} ${request.cpu_credits}`;
  const priced = known.get(key) ?? priceAnew(catalogue, request);
  // The one that was used last goes last.
  known.delete(key);
  known.set(key, priced);
  const [oldest] = known.keys();
  if (known.size > MOST_REMEMBERED && oldest !== undefined) known.delete(oldest);
  return priced;
}

function priceAnew(catalogue: PreparedCatalogue, request: Priced): PreparedCatalogue {
  const { rates, site } = catalogue;
  const groups = cheapestFirst(
    catalogue.groups.map((group) => {
      const [first] = group;
      if (first === undefined) return group;
      const extras = { ...request, publicIpv4: site.publicIpv4 };
      const parts = partsOf(first.parts.instance, first.machine, extras, rates);
      const price = sumOf(parts);
      return group.map((candidate) => ({ ...candidate, price, parts }));
    }),
  );
  return { ...catalogue, groups, ranked: groups.flat() };
}

const cheapestFirst = (groups: readonly (readonly Candidate[])[]): readonly (readonly Candidate[])[] =>
  groups.toSorted((a, b) => priceOf(a) - priceOf(b));

const priceOf = (group: readonly Candidate[]): number => group[0]?.price ?? 0;
const generation = (type: InstanceType): number => (type.traits.includes('previous-generation') ? 1 : 0);
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
