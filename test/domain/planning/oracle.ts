import { readFileSync } from 'node:fs';
import type { Offer } from '../../../domain/planning/offer.ts';
import type { Range, Requirements } from '../../../domain/planning/requirements.ts';

type Recorded = {
  instanceType: string;
  arch: string[];
  vcpus: number;
  memoryMiB: number;
  zones: string[];
  onDemandUsdPerHour: number;
  spot?: { savingsPercent: number };
  gpus?: { manufacturer: string; name: string; count: number; memoryMiB: number }[];
};

const file = new URL('../../../../shared/data/ec2-catalog.us-east-1.json', import.meta.url);
const recorded: Recorded[] = JSON.parse(readFileSync(file, 'utf8')).instanceTypes;
const byName = new Map(recorded.map((one) => [one.instanceType, one]));

/** What is sold as how much, for the models of the recording: a table instead of a rule. */
const soldAs: Record<number, number> = {
  2861: 3,
  5722: 6,
  8192: 8,
  11444: 12,
  16384: 16,
  22888: 24,
  32768: 32,
  40960: 40,
  45776: 48,
  81920: 80,
  98304: 96,
  144384: 141,
  183359: 180,
  275040: 288,
};

/** Everything wrong with an offer, judged by the recording and the request alone, without the planner's code. */
export function complaints(offer: Offer, asked: Requirements): string[] {
  const type = byName.get(offer.instance_type);
  if (type === undefined) return ['no such type'];
  const { cpu, memory, gpu } = asked.resources;
  const onSpot = type.onDemandUsdPerHour * (1 - (type.spot?.savingsPercent ?? 0) / 100);
  const device = type.gpus?.[0];
  const fraction = device?.count === 0 && ((gpu.memory?.min ?? 0) > 0 || (gpu.total_memory?.min ?? 0) > 0);
  const count = fraction ? 1 : (device?.count ?? 0);
  const each = count > 0 ? (soldAs[device?.memoryMiB ?? 0] ?? Number.NaN) : 0;
  const wrong: Record<string, boolean> = {
    zone: !type.zones.includes(offer.zone) || !(asked.availability_zones?.includes(offer.zone) ?? true),
    region: offer.region !== 'us-east-1' || !(asked.regions?.includes('us-east-1') ?? true),
    market: asked.spot_policy !== 'auto' && asked.spot_policy !== offer.spot,
    'no spot': offer.spot === 'spot' && type.spot === undefined,
    price: Math.abs(offer.price - (offer.spot === 'spot' ? onSpot : type.onDemandUsdPerHour)) > 1e-6,
    dear: asked.max_price !== null && offer.price > asked.max_price,
    type: asked.instance_types !== null && !asked.instance_types.includes(offer.instance_type),
    arch: !type.arch.includes(cpu.arch === 'arm' ? 'arm64' : 'x86_64'),
    cpu: !within(type.vcpus, cpu.count),
    memory: !within(type.memoryMiB / 1024, memory),
    count: !within(count, gpu.count),
    name: gpu.name !== null && (count === 0 || !gpu.name.some((name) => same(name, device?.name))),
    vendor: gpu.vendor !== null && (count === 0 || !same(gpu.vendor, device?.manufacturer)),
    'gpu memory': !within(each, gpu.memory),
    'total memory': !within(each * count, gpu.total_memory),
  };
  return Object.keys(wrong).filter((what) => wrong[what]);
}

const within = (value: number, range: Range | null): boolean =>
  range === null ||
  ((range.min === null || value >= range.min) && (range.max === null || value <= range.max));
const same = (one: string, other: string | undefined): boolean => one.toLowerCase() === other?.toLowerCase();

/** How many offerings the recording comes to. */
export const recordedOfferings = recorded.reduce(
  (sum, { zones, spot }) => sum + zones.length * (spot ? 2 : 1),
  0,
);
