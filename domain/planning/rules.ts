import type { Blocks } from '../configuration/normalized.ts';
import { dollars } from '../kernel/dollars.ts';
import { isSlowToBoot } from './bare-metal.ts';
import type { Candidate } from './candidate.ts';
import { clusterRules } from './cluster-rules.ts';
import type { PlanContext, Terms } from './context.ts';
import { outside, rangeText } from './gap.ts';
import { onlyWithArm } from './gpu.ts';
import { gpuGap, gpuRequestText, gpuText } from './gpu-request.ts';
import { launchRules } from './launch-rules.ts';
import type { Site } from './prepared.ts';
import { Reason } from './rejection.ts';
import type { Requirements, Resources } from './requirements.ts';
import type { Rule } from './rule.ts';
import { blocksTaken, shareRules } from './share-rules.ts';
import { pricedAs } from './spell-out.ts';

/** EBS makes a gp3 volume of up to 64 TiB (CreateVolume, `Size`). */
const largestDiskGib = 65_536;

/** The rules of one request, in the order of `Reason`; what asks for nothing makes no rule. */
export function rulesOf(requirements: Requirements, site: Site, context: PlanContext): Rule[] {
  const launch = launchRules(context, site);
  const rules: (Rule | null)[] = [
    ...instanceRules(requirements),
    launch.launchable,
    launch.image,
    ...placeRules(requirements),
    bareMetalRule([requirements, ...(context.terms ? [context.terms] : [])]),
    launch.subnet,
    ...marketRules(requirements),
    ...shareRules(machineRules(requirements.resources), context.terms?.blocks ?? 1),
    ...priceRules(requirements),
    ...creditRules(requirements),
    launch.quota,
    launch.capacity,
    ...(context.terms ? fleetRules(requirements, context.terms) : []),
  ];
  return rules.filter((rule) => rule !== null).sort((a, b) => rank(a) - rank(b));
}

/** How many blocks of a candidate that fits the request takes, of how many. */
export const takenBy = (requirements: Requirements, blocks: Blocks): ReturnType<typeof blocksTaken> =>
  blocksTaken(machineRules(requirements.resources), blocks);

const rank = ({ reason }: Rule): number => Reason.options.indexOf(reason);

type Wishes = Omit<Requirements, 'max_duration' | 'instances' | 'cpu_credits'>;

/** What a fleet lets in, by the rules of a request. */
export const termsRules = (terms: Terms): Rule[] => [
  ...placeRules(terms),
  ...marketRules(terms),
  ...machineRules(terms.resources).filter(
    ({ reason }) => reason !== 'architecture' || terms.resources.cpu.arch !== null,
  ),
  ...priceRules(terms),
  ...clusterRules(terms),
];

/** An offer has to fit the request and what its fleet lets in. */
const fleetRules = (requirements: Requirements, terms: Terms): Rule[] =>
  [diskRule(requirements, terms), ...termsRules(terms)].map((rule) => ({
    ...rule,
    asked: `${rule.asked} (fleet)`,
  }));

/** A disk is launched as large as the request has it: that may be more than the fleet lets in. */
function diskRule(requirements: Requirements, terms: Terms): Rule {
  const { size } = terms.resources.disk;
  const launched = pricedAs(requirements, terms).disk_gib;
  return {
    reason: 'disk',
    of: 'launch',
    gap: ({ idle }) => (idle ? 0 : outside(launched, size)),
    asked: rangeText(size, 'GB'),
    has: () => `${launched}GB`,
  };
}

function placeRules({ instance_types, regions, availability_zones }: Wishes): Rule[] {
  const types = instance_types?.map((type) => type.toLowerCase()) ?? null;
  return [
    ...among('instance_types', types, ({ machine }) => machine.name, sharedStart),
    ...among('regions', regions, ({ region }) => region),
    ...among('availability_zones', availability_zones, ({ zone }) => zone),
  ];
}

function bareMetalRule(wishes: readonly Pick<Wishes, 'instance_types'>[]): Rule {
  const named = new Set(
    wishes.flatMap(({ instance_types }) => instance_types ?? []).map((type) => type.toLowerCase()),
  );
  return {
    reason: 'bare_metal',
    of: 'launch',
    gap: ({ machine: { name } }) => (isSlowToBoot(name) && !named.has(name) ? 12 : 0),
    asked: 'bare metal of the 7th generation or later',
    has: ({ machine }) => machine.name,
  };
}

function instanceRules({ instances }: Requirements): Rule[] {
  if (instances === null) return [];
  const set = new Set(instances);
  return [
    {
      reason: 'instances',
      of: 'any',
      gap: ({ idle }) => (idle && set.has(idle.instance) ? 0 : 20),
      asked: instances.join(', '),
      has: ({ idle }) => idle?.instance ?? 'a new instance',
    },
  ];
}

function among(
  reason: Reason,
  wanted: readonly string[] | null,
  of: (candidate: Candidate) => string,
  likeness: (one: string, other: string) => number = () => 0,
): Rule[] {
  if (wanted === null) return [];
  // Worked out once per name: a name stands for up to a dozen offers.
  const gaps = new Map(wanted.map((name) => [name, 0]));
  const gap = (name: string): number => {
    const known = gaps.get(name) ?? 10 - Math.max(0, ...wanted.map((one) => 9 * likeness(one, name)));
    gaps.set(name, known);
    return known;
  };
  return [{ reason, of: 'any', gap: (candidate) => gap(of(candidate)), asked: wanted.join(', '), has: of }];
}

/** 0 to 1: a mistyped type is nearest to those that begin as it does. */
function sharedStart(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length++;
  return length / Math.max(one.length, other.length);
}

function marketRules({ spot_policy }: Wishes): Rule[] {
  if (spot_policy === 'auto') return [];
  const gap = ({ spot }: Candidate) => (spot === spot_policy ? 0 : 3);
  return [{ reason: 'spot_policy', of: 'any', gap, asked: spot_policy, has: ({ spot }) => spot }];
}

function machineRules({ cpu, memory, gpu, disk }: Resources): Rule[] {
  const arch = { x86: 'x86_64', arm: 'arm64' }[cpu.arch ?? defaultArch(gpu.name)];
  const gpuDistance = gpuGap(gpu);
  const size = memory ?? { min: null, max: null };
  return [
    {
      reason: 'architecture',
      of: 'any',
      gap: ({ machine }) => (machine.arch === arch ? 0 : 10),
      asked: arch,
      has: ({ machine }) => machine.arch,
    },
    {
      reason: 'gpu',
      of: 'any',
      gap: ({ machine }) => gpuDistance(machine),
      asked: gpuRequestText(gpu),
      has: ({ machine }) => gpuText(machine.gpu),
    },
    {
      reason: 'cpu',
      of: 'any',
      gap: ({ machine }) => outside(machine.vcpus, cpu.count),
      asked: rangeText(cpu.count),
      has: ({ machine }) => `${machine.vcpus}`,
    },
    {
      reason: 'memory',
      of: 'any',
      gap: ({ machine }) => outside(machine.memoryMib / 1024, size),
      asked: rangeText(size, 'GB'),
      has: ({ machine }) => `${Math.round(machine.memoryMib / 10.24) / 100}GB`,
    },
    {
      reason: 'disk',
      of: 'any',
      gap: ({ idle }) =>
        idle
          ? outside(idle.resources.disk_gib, disk.size)
          : outside(disk.size.min ?? 0, { min: null, max: largestDiskGib }),
      asked: rangeText(disk.size, 'GB'),
      has: ({ idle }) => `${idle?.resources.disk_gib ?? `up to ${largestDiskGib}`}GB`,
    },
  ];
}

/** As in dstack, x86 unless the GPUs named come only beside an Arm processor. */
const defaultArch = (gpus: readonly string[] | null): 'x86' | 'arm' =>
  gpus !== null && gpus.length > 0 && gpus.every(onlyWithArm) ? 'arm' : 'x86';

function priceRules({ max_price }: Wishes): Rule[] {
  if (max_price === null) return [];
  const gap = ({ price }: Candidate) => outside(price, { min: null, max: max_price });
  return [
    { reason: 'max_price', of: 'any', gap, asked: dollars(max_price), has: ({ price }) => dollars(price) },
  ];
}

function creditRules({ cpu_credits }: Requirements): Rule[] {
  if (cpu_credits === 'standard') return [];
  const gap = ({ idle }: Candidate) => (idle?.cpu_credits === 'standard' ? 3 : 0);
  return [{ reason: 'cpu_credits', of: 'any', gap, asked: cpu_credits, has: () => 'standard' }];
}
