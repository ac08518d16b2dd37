import type { Offer } from '../../../domain/planning/offer.ts';
import type { Range, Requirements } from '../../../domain/planning/requirements.ts';
import { ec2Facts } from '../../golden/ec2-facts.ts';

const byName = new Map(ec2Facts.map((fact) => [fact.type, fact]));

/** What is sold as how much, for the models recorded: a table instead of a rule. */
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

/** Everything wrong with an offer, judged by the recorded facts and the request alone, without the planner's code. */
export function complaints(offer: Offer, asked: Requirements): string[] {
  const type = byName.get(offer.instance_type);
  if (type === undefined) return ['no such type'];
  const { cpu, memory, gpu } = asked.resources;
  const onSpot = type.price * (1 - (type.spot?.saving ?? 0) / 100);
  const device = type.gpu;
  const fraction = device?.count === 0 && ((gpu.memory?.min ?? 0) > 0 || (gpu.total_memory?.min ?? 0) > 0);
  const count = fraction ? 1 : (device?.count ?? 0);
  const each = count > 0 ? (soldAs[device?.mib ?? 0] ?? Number.NaN) : 0;
  const extras = beside(type, asked);
  const generation = Number(/\d+/.exec(offer.instance_type)?.[0]);
  const wrong: Record<string, boolean> = {
    'slow to boot':
      offer.instance_type.includes('.metal') &&
      generation < 7 &&
      !asked.instance_types?.includes(offer.instance_type),
    zone: !type.zones.includes(offer.zone) || !(asked.availability_zones?.includes(offer.zone) ?? true),
    region: offer.region !== 'us-east-1' || !(asked.regions?.includes('us-east-1') ?? true),
    market: asked.spot_policy !== 'auto' && asked.spot_policy !== offer.spot,
    'no spot': offer.spot === 'spot' && type.spot === null,
    price: Math.abs(offer.price - (offer.spot === 'spot' ? onSpot : type.price) - extras) > 1e-5,
    dear: asked.max_price !== null && offer.price > asked.max_price,
    type: asked.instance_types !== null && !asked.instance_types.includes(offer.instance_type),
    arch: !type.architectures.includes(cpu.arch === 'arm' ? 'arm64' : 'x86_64'),
    cpu: !within(type.vcpus, cpu.count),
    memory: !within(type.mib / 1024, memory),
    count: !within(count, gpu.count),
    name: gpu.name !== null && (count === 0 || !gpu.name.some((name) => same(name, device?.name))),
    vendor: gpu.vendor !== null && (count === 0 || !same(gpu.vendor, device?.vendor)),
    'gpu memory': !within(each, gpu.memory),
    'total memory': !within(each * count, gpu.total_memory),
  };
  return Object.keys(wrong).filter((what) => wrong[what]);
}

/** Of us-east-1 as its price pages have them: 100 GB of gp3, an address, and the CPU that a burstable type is not given. */
function beside(
  { type: name, vcpus, architectures }: (typeof ec2Facts)[number],
  { cpu_credits, resources }: Requirements,
): number {
  const disk = ((resources.disk.size.min ?? 100) * 0.08) / 730;
  const [family, size = ''] = name.split('.');
  const earned = creditsAnHour[family === 't2' ? 't2' : 't3']?.[size] ?? 0;
  const isBurstable = ['t2', 't3', 't3a', 't4g'].includes(family ?? '');
  const surplus = isBurstable && cpu_credits === 'unlimited' ? vcpus - earned / 60 : 0;
  return disk + 0.005 + surplus * (architectures.includes('arm64') ? 0.04 : 0.05);
}

/** Of the whole instance, as EC2's user guide has them. */
const creditsAnHour: Record<string, Record<string, number>> = {
  t2: { nano: 3, micro: 6, small: 12, medium: 24, large: 36, xlarge: 54, '2xlarge': 81.6 },
  t3: { nano: 6, micro: 12, small: 24, medium: 24, large: 36, xlarge: 96, '2xlarge': 192 },
};

const within = (value: number, range: Range | null): boolean =>
  range === null ||
  ((range.min === null || value >= range.min) && (range.max === null || value <= range.max));
const same = (one: string, other: string | undefined): boolean => one.toLowerCase() === other?.toLowerCase();

/** How many offerings the facts come to. */
export const recordedOfferings = ec2Facts.reduce(
  (sum, { zones, spot }) => sum + zones.length * (spot ? 2 : 1),
  0,
);
