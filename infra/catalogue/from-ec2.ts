import type { InstanceTypeInfo, InstanceTypeOffering, SpotPrice } from '@aws-sdk/client-ec2';
import type { Catalogue, Gpu, InstanceType, Spot } from '../../domain/planning/catalogue.ts';
import { DEFAULT_RATES } from '../../domain/planning/price.ts';
import { gpuVendor, traitsOf } from './ec2-words.ts';

/** All that AWS says of a region, as its APIs answer. */
export type Described = {
  region: string;
  /** The day of asking, `YYYY-MM-DD`. */
  day: string;
  types: readonly InstanceTypeInfo[];
  offerings: readonly InstanceTypeOffering[];
  spotPrices: readonly SpotPrice[];
  /** $/h on demand by type: see `onDemandPrices`. */
  onDemand: ReadonlyMap<string, number>;
};

/** EC2's APIs say nothing of interruptions: the bands of `previous`, the catalogue before, are kept. */
export function catalogueFromEc2(described: Described, previous: Catalogue | null): Catalogue {
  const zones = zonesByType(described.offerings);
  const spot = spotByType(described.spotPrices);
  const bands = new Map(previous?.types.map((type) => [type.name, type.spot?.interruptionBand ?? null]));
  const types = described.types.flatMap((info): InstanceType[] => {
    const name = info.InstanceType;
    const offered = zones.get(name ?? '');
    if (name === undefined || offered === undefined) return [];
    const usage = info.SupportedUsageClasses ?? [];
    const prices = usage.includes('spot')
      ? offered.map((zone) => spot.get(`${name} ${zone}`)?.price ?? null)
      : [];
    return [
      {
        ...machine(name, info),
        zones: offered,
        onDemandPrice: usage.includes('on-demand') ? (described.onDemand.get(name) ?? null) : null,
        spot: spotOf(prices, bands.get(name) ?? null),
      },
    ];
  });
  const { region, day } = described;
  const spotAsOf = described.spotPrices.length > 0 ? day : null;
  return { region, priceAsOf: day, spotAsOf, rates: previous?.rates ?? DEFAULT_RATES, types };
}

function machine(
  name: string,
  info: InstanceTypeInfo,
): Omit<InstanceType, 'zones' | 'onDemandPrice' | 'spot'> {
  return {
    name,
    architectures: required(info.ProcessorInfo?.SupportedArchitectures, name, 'SupportedArchitectures'),
    vcpus: required(info.VCpuInfo?.DefaultVCpus, name, 'DefaultVCpus'),
    memoryMib: required(info.MemoryInfo?.SizeInMiB, name, 'MemoryInfo'),
    traits: traitsOf({
      currentGeneration: info.CurrentGeneration ?? true,
      bareMetal: info.BareMetal ?? false,
      burstable: info.BurstablePerformanceSupported ?? false,
      unclustered: info.PlacementGroupInfo?.SupportedStrategies?.includes('cluster') === false,
    }),
    gpu: gpuOf(name, info),
  };
}

/** Neuron devices and media accelerators are not in `GpuInfo`, and so are no GPUs here either. */
function gpuOf(name: string, info: InstanceTypeInfo): Gpu | null {
  const gpu = info.GpuInfo?.Gpus?.[0];
  if (gpu === undefined) return null;
  return {
    vendor: gpuVendor(required(gpu.Manufacturer, name, 'Manufacturer')),
    name: required(gpu.Name, name, 'GPU name'),
    count: gpu.Count ?? 0,
    memoryMib: gpu.MemoryInfo?.SizeInMiB ?? 0,
  };
}

function required<T>(value: T | undefined, type: string, field: string): T {
  if (value === undefined) throw new Error(`EC2 described ${type} without ${field}.`);
  return value;
}

const spotOf = (prices: readonly (number | null)[], interruptionBand: number | null): Spot | null =>
  prices.some((price) => price !== null) ? { pricing: { by: 'zone', prices }, interruptionBand } : null;

function zonesByType(offerings: readonly InstanceTypeOffering[]): ReadonlyMap<string, readonly string[]> {
  const zones = new Map<string, string[]>();
  for (const { InstanceType, Location } of offerings) {
    if (InstanceType === undefined || Location === undefined) continue;
    zones.set(InstanceType, [...(zones.get(InstanceType) ?? []), Location].sort());
  }
  return zones;
}

/** The latest price of each type and zone: a history may hold several, and pages may overlap. */
function spotByType(history: readonly SpotPrice[]): ReadonlyMap<string, { price: number; at: number }> {
  const latest = new Map<string, { price: number; at: number }>();
  for (const { InstanceType, AvailabilityZone, SpotPrice, Timestamp } of history) {
    const price = Number(SpotPrice);
    if (InstanceType === undefined || AvailabilityZone === undefined || !(price > 0)) continue;
    const key = `${InstanceType} ${AvailabilityZone}`;
    const at = Timestamp?.getTime() ?? 0;
    if (at >= (latest.get(key)?.at ?? 0)) latest.set(key, { price, at });
  }
  return latest;
}
