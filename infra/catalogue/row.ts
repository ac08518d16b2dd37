import type { Gpu, InstanceType, Spot, SpotPricing, Trait } from '../../domain/planning/catalogue.ts';

/* name | architectures | vCPUs | MiB | traits | zones | on demand | spot | gpu, `-` for none:
 *   g5.xlarge|x86_64|4|16384|-|01234|1.006|57%/4|1 nvidia 22888 A10G
 * Traits: p previous generation, m bare metal, b burstable, u in no cluster placement group. Spot: a saving (`57%`) or a
 * price per zone (`0.4,-,0.41`), then the interruption band or `?`. Gpu: count, vendor, MiB of each, name. */

const letters: Readonly<Record<string, Trait>> = {
  p: 'previous-generation',
  m: 'bare-metal',
  b: 'burstable',
  u: 'unclustered',
};

export function encodeType(type: InstanceType, zones: readonly string[]): string {
  const traits = Object.entries(letters).flatMap(([letter, trait]) =>
    type.traits.includes(trait) ? letter : [],
  );
  return [
    type.name,
    type.architectures.join(','),
    type.vcpus,
    type.memoryMib,
    traits.join('') || '-',
    type.zones.map((zone) => digitOf(zone, zones)).join(''),
    type.onDemandPrice ?? '-',
    type.spot ? encodeSpot(type.spot) : '-',
    type.gpu ? [type.gpu.count, type.gpu.vendor, type.gpu.memoryMib, type.gpu.name].join(' ') : '-',
  ].join('|');
}

function digitOf(zone: string, zones: readonly string[]): string {
  const index = zones.indexOf(zone);
  if (index < 0) throw new Error(`a type is offered in ${zone}, which is no zone of the catalogue`);
  return index.toString(36);
}

function encodeSpot({ pricing, interruptionBand }: Spot): string {
  const prices =
    pricing.by === 'saving' ? `${pricing.percent}%` : pricing.prices.map((price) => price ?? '-').join(',');
  return `${prices}/${interruptionBand ?? '?'}`;
}

/** Throws, naming the row, when it is not one that `encodeType` wrote. */
export function decodeType(row: string, zonesOf: (digits: string) => readonly string[]): InstanceType {
  const [name, architectures, vcpus, memoryMib, traits, offered, onDemand, spot, gpu] = row.split('|');
  if (name === undefined || architectures === undefined || offered === undefined) throw malformed(row);
  return {
    name,
    architectures: architectures.split(','),
    vcpus: number(vcpus, row),
    memoryMib: number(memoryMib, row),
    traits: decodeTraits(traits, row),
    zones: zonesOf(offered),
    onDemandPrice: onDemand === '-' ? null : number(onDemand, row),
    spot: decodeSpot(spot, row),
    gpu: decodeGpu(gpu, row),
  };
}

function decodeTraits(field: string | undefined, row: string): Trait[] {
  if (field === '-') return [];
  return Array.from(field ?? '', (letter) => letters[letter] ?? raise(row));
}

function decodeSpot(field: string | undefined, row: string): Spot | null {
  if (field === '-') return null;
  const [prices, band] = field?.split('/') ?? [];
  return {
    pricing: decodePricing(prices ?? raise(row), row),
    interruptionBand: band === '?' ? null : number(band, row),
  };
}

function decodePricing(field: string, row: string): SpotPricing {
  if (field.endsWith('%')) return { by: 'saving', percent: number(field.slice(0, -1), row) };
  return { by: 'zone', prices: field.split(',').map((price) => (price === '-' ? null : number(price, row))) };
}

function decodeGpu(field: string | undefined, row: string): Gpu | null {
  if (field === '-') return null;
  const [count, vendor, memoryMib, ...name] = field?.split(' ') ?? [];
  return {
    vendor: vendor ?? raise(row),
    name: name.join(' '),
    count: number(count, row),
    memoryMib: number(memoryMib, row),
  };
}

function number(field: string | undefined, row: string): number {
  const value = Number(field || Number.NaN);
  return Number.isFinite(value) ? value : raise(row);
}

function raise(row: string): never {
  throw malformed(row);
}

const malformed = (row: string): Error =>
  new Error(
    `The catalogue has a row that cannot be read: "${row}". hint: \`npm run catalogue\` makes it anew.`,
  );
