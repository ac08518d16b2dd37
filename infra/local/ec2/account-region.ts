import type { DatabaseSync } from 'node:sqlite';
import {
  type Catalogue,
  type InstanceType,
  spotPrice,
  type Zone,
} from '../../../domain/planning/catalogue.ts';
import type { FaultSwitches } from '../wire/faults.ts';
import type { Catalogue as TypeFacts } from './instance-record.ts';

type AccountZone = Zone & { readonly id: string };

/** A region as one account sees it: its names of the zones, what each zone has, and what it costs now. */
export interface AccountRegion {
  readonly region: string;
  readonly zones: readonly AccountZone[];
  /** Opted in to by the account. It has no default subnet, and prices of its own. */
  readonly localZone: AccountZone & { readonly types: readonly string[] };
  readonly types: readonly InstanceType[];
  /** $/h; `null`: not sold. */
  onDemandPrice(type: InstanceType): number | null;
  spotPrice(type: InstanceType, zone: number): number | null;
  /** What is billed beside instances, in $ for a unit. */
  rates(): readonly BilledRate[];
}

export interface BilledRate {
  readonly usage: 'EBS:VolumeUsage.gp3' | 'PublicIPv4:InUseAddress' | 'CPUCredits:t3' | 'CPUCredits:t4g';
  readonly price: number;
}

/**
 * The zones of the shipped catalogue under names of this data folder's account. AWS gives each account a mapping of its own
 * from names to zones, for good, so a name that comes from another account's catalogue means another zone here.
 */
export function accountRegion(
  catalogue: Catalogue,
  database: DatabaseSync,
  faults: FaultSwitches,
  random: () => number = Math.random,
): AccountRegion {
  const { region } = catalogue;
  const names = catalogue.zones.map(({ name }) => name).sort();
  const physical = catalogue.zones.map(({ name, id }) => ({ name, id: id ?? `${name}-id` }));
  const ids = physical.map(({ id }) => id);
  const idOf = keptMapping(database, names, shuffled(ids, random));
  const nameOf = new Map([...idOf].map(([name, id]) => [id, name]));
  const ours = new Map(physical.map(({ name, id }) => [name, nameOf.get(id) ?? name]));
  const id = `${ids[0]?.split('-')[0] ?? region}-bos1-az1`;
  return {
    region,
    zones: names.map((name) => ({ name, id: idOf.get(name) ?? '' })),
    localZone: { name: `${region}-bos-1a`, id, types: ['t3.medium', 'c5.2xlarge'] },
    types: catalogue.types.map((type) => inZones(type, (zone) => ours.get(zone) ?? zone)),
    onDemandPrice: ({ name, onDemandPrice }) => faults.current.prices.onDemand[name] ?? onDemandPrice,
    spotPrice: (type, zone) =>
      type.spot === null ? null : (faults.current.prices.spot[type.name] ?? spread(type, zone)),
    rates: () =>
      ratesOf(catalogue).map(({ usage, price }) => ({
        usage,
        price: faults.current.prices.rates[usage] ?? price,
      })),
  };
}

const ratesOf = ({ rates }: Catalogue): BilledRate[] => [
  { usage: 'EBS:VolumeUsage.gp3', price: rates.diskGibMonth },
  { usage: 'PublicIPv4:InUseAddress', price: rates.ipv4Hour },
  { usage: 'CPUCredits:t3', price: rates.creditsVcpuHour.x86_64 },
  { usage: 'CPUCredits:t4g', price: rates.creditsVcpuHour.arm64 },
];

/** What RunInstances has to know of the types. */
export function typeFacts({ types }: AccountRegion): TypeFacts {
  const byName = new Map(types.map((type) => [type.name, type]));
  return (name) => {
    const type = byName.get(name);
    if (type === undefined) return undefined;
    const { vcpus, memoryMib: memoryMiB, zones } = type;
    const unclustered = type.traits.includes('unclustered');
    return { vcpus, memoryMiB, zones, ...(unclustered && { strategies: ['partition', 'spread'] }) };
  };
}

/** Names to ids, as this data folder has had them since its first start. */
function keptMapping(
  database: DatabaseSync,
  names: readonly string[],
  ids: readonly string[],
): ReadonlyMap<string, string> {
  database.exec('CREATE TABLE IF NOT EXISTS ec2_zones (name TEXT PRIMARY KEY, id TEXT NOT NULL UNIQUE)');
  const insert = database.prepare('INSERT OR IGNORE INTO ec2_zones VALUES (?, ?)');
  names.forEach((name, index) => insert.run(name, ids[index] ?? ''));
  const rows = database.prepare('SELECT name, id FROM ec2_zones').all();
  return new Map(rows.map((row) => [String(row['name']), String(row['id'])]));
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, order: random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item);
}

function inZones(type: InstanceType, nameOf: (zone: string) => string): InstanceType {
  const zones = type.zones.map((zone, index) => ({ name: nameOf(zone), price: spotPrice(type, index) }));
  zones.sort((a, b) => (a.name < b.name ? -1 : 1));
  const prices = zones.map(({ price }) => price);
  return {
    ...type,
    zones: zones.map(({ name }) => name),
    spot: type.spot && { ...type.spot, pricing: { by: 'zone', prices } },
  };
}

/** Spot costs something else in each zone: up to a tenth more than the region's saving makes it. */
function spread(type: InstanceType, zone: number): number | null {
  const price = spotPrice(type, zone);
  return price === null ? null : Math.round(price * (1 + (zone % 5) / 40) * 1e6) / 1e6;
}
