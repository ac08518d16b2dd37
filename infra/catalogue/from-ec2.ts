import type {
  AvailabilityZone,
  InstanceTypeInfo,
  InstanceTypeOffering,
  SpotPrice,
} from '@aws-sdk/client-ec2';
import type { Machine, Machines, SpotPrices } from '../../domain/catalogue/ports.ts';
import type { Gpu } from '../../domain/planning/catalogue.ts';
import { gpuVendor, traitsOf } from './ec2-words.ts';

/**
 * The types of a region in its own zones. Local Zones and Wavelength Zones that the account has opted in to are left out,
 * since they have prices of their own and no default subnet. A type that no zone offers is left out as well.
 */
export function machinesFrom(
  described: readonly AvailabilityZone[],
  types: readonly InstanceTypeInfo[],
  offerings: readonly InstanceTypeOffering[],
): Machines {
  const zones = described.flatMap(({ ZoneName: name, ZoneId: id, ZoneType }) =>
    name !== undefined && id !== undefined && ZoneType === 'availability-zone' ? [{ name, id }] : [],
  );
  const offered = zonesByType(offerings, new Set(zones.map(({ name }) => name)));
  return {
    zones: zones.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    types: types.flatMap((info) => {
      const name = info.InstanceType;
      const inZones = offered.get(name ?? '');
      return name === undefined || inZones === undefined ? [] : [{ ...machine(name, info), zones: inZones }];
    }),
  };
}

function machine(name: string, info: InstanceTypeInfo): Omit<Machine, 'zones'> {
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
    onDemand: info.SupportedUsageClasses?.includes('on-demand') ? 'sold on demand' : 'not sold on demand',
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

function zonesByType(
  offerings: readonly InstanceTypeOffering[],
  known: ReadonlySet<string>,
): ReadonlyMap<string, readonly string[]> {
  const zones = new Map<string, string[]>();
  for (const { InstanceType, Location } of offerings) {
    if (InstanceType === undefined || Location === undefined || !known.has(Location)) continue;
    zones.set(InstanceType, [...(zones.get(InstanceType) ?? []), Location].sort());
  }
  return zones;
}

/** The latest price of each type and zone: a history may hold several, and pages may overlap. */
export function spotPricesFrom(history: readonly SpotPrice[]): SpotPrices {
  const latest = new Map<string, number>();
  const prices = new Map<string, Map<string, number>>();
  for (const { InstanceType, AvailabilityZone, SpotPrice, Timestamp } of history) {
    const price = Number(SpotPrice);
    if (InstanceType === undefined || AvailabilityZone === undefined || !(price > 0)) continue;
    const key = `${InstanceType} ${AvailabilityZone}`;
    const at = Timestamp?.getTime() ?? 0;
    if (at < (latest.get(key) ?? 0)) continue;
    latest.set(key, at);
    const ofType = prices.get(InstanceType) ?? new Map<string, number>();
    prices.set(InstanceType, ofType.set(AvailabilityZone, price));
  }
  return prices;
}
