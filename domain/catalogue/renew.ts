import type { Content, InstanceType, Spot } from '../planning/catalogue.ts';
import { DEFAULT_RATES } from '../planning/price.ts';
import type { FoundRates, Machine, Machines, SpotPrices } from './ports.ts';

/** The region as `machines` has it. Prices are those of the catalogue before, by type and zone, until they are renewed. */
export function withMachines(region: string, before: Content | null, { zones, types }: Machines): Content {
  const known = new Map(before?.types.map((type) => [type.name, type]));
  return {
    region,
    priceAsOf: before?.priceAsOf ?? NEVER,
    spotAsOf: before?.spotAsOf ?? null,
    rates: before?.rates ?? DEFAULT_RATES,
    zones,
    types: types.map((machine) => priced(machine, known.get(machine.name))),
  };
}

const NEVER = '1970-01-01';

function priced({ onDemand, ...machine }: Machine, before: InstanceType | undefined): InstanceType {
  return {
    ...machine,
    onDemandPrice: onDemand === 'sold on demand' ? (before?.onDemandPrice ?? null) : null,
    spot: before?.spot ? inZones(before.spot, before.zones, machine.zones) : null,
  };
}

function inZones(spot: Spot, before: readonly string[], zones: readonly string[]): Spot | null {
  const { pricing, interruptionBand } = spot;
  if (pricing.by === 'saving') return spot;
  const prices = new Map(before.map((zone, index) => [zone, pricing.prices[index] ?? null]));
  return spotOf(
    zones.map((zone) => prices.get(zone) ?? null),
    interruptionBand,
  );
}

/** On-demand prices as of `asOf`. A type that is not in the list is not sold on demand. */
export function withOnDemandPrices(
  content: Content,
  machines: Machines,
  prices: ReadonlyMap<string, number>,
  asOf: string,
): Content {
  const sold = new Set(
    machines.types.flatMap(({ name, onDemand }) => (onDemand === 'sold on demand' ? name : [])),
  );
  const types = content.types.map((type) => ({
    ...type,
    onDemandPrice: sold.has(type.name) ? (prices.get(type.name) ?? null) : null,
  }));
  return { ...content, priceAsOf: asOf, types };
}

/** Rates as of a day, `YYYY-MM-DD`. What the list does not have stays as it was. */
export function withRates(content: Content, found: FoundRates, day: string): Content {
  const { diskGibMonth, ipv4Hour, creditsVcpuHour: credits } = found;
  const before = content.rates.creditsVcpuHour;
  return {
    ...content,
    rates: {
      ...{ asOf: day, diskGibMonth, ipv4Hour },
      creditsVcpuHour: {
        x86_64: credits.x86_64 ?? before.x86_64,
        arm64: credits.arm64 ?? before.arm64,
      },
    },
  };
}

/**
 * Spot prices as of `asOf`. A type without a price in a zone is not offered on spot there, whatever was known before:
 * EC2 has a price for everything that it sells. The interruption bands stay, since EC2's API does not tell them.
 */
export function withSpotPrices(content: Content, prices: SpotPrices, asOf: string): Content {
  const types = content.types.map((type) => {
    const ofType = prices.get(type.name);
    const inZone = type.zones.map((zone) => ofType?.get(zone) ?? null);
    return { ...type, spot: spotOf(inZone, type.spot?.interruptionBand ?? null) };
  });
  return { ...content, spotAsOf: asOf, types };
}

const spotOf = (prices: readonly (number | null)[], interruptionBand: number | null): Spot | null =>
  prices.some((price) => price !== null) ? { pricing: { by: 'zone', prices }, interruptionBand } : null;
