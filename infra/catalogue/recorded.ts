import * as z from 'zod';
import type { Content, InstanceType } from '../../domain/planning/catalogue.ts';
import { DEFAULT_RATES } from '../../domain/planning/price.ts';
import { gpuVendor, traitsOf } from './ec2-words.ts';

/** A recording of EC2's facts and prices in one JSON file, from which the shipped us-east-1 catalogue was made. */
const Recording = z.object({
  region: z.string(),
  priceAsOf: z.iso.date(),
  spotAsOf: z.iso.date(),
  currency: z.literal('USD'),
  instanceTypes: z.array(
    z.object({
      instanceType: z.string(),
      arch: z.array(z.string()),
      vcpus: z.int(),
      memoryMiB: z.int(),
      currentGeneration: z.boolean(),
      bareMetal: z.boolean(),
      burstable: z.boolean(),
      zones: z.array(z.string()),
      onDemandUsdPerHour: z.number(),
      spot: z.object({ savingsPercent: z.int(), interruptionBand: z.int() }).optional(),
      gpus: z
        .array(z.object({ manufacturer: z.string(), name: z.string(), count: z.int(), memoryMiB: z.int() }))
        .max(1)
        .optional(),
    }),
  ),
});

/**
 * The recording lacks `PlacementGroupInfo`. Those without the strategy `cluster` in DescribeInstanceTypes (as of August 2026, of
 * this region's types) are the burstable ones, and these. See also "Cluster placement group rules" in EC2's user guide:
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/limitations-placement-groups.html
 */
const unclustered = /^(c1|m[1-3]|t1|vt1|\w+-flex)\./;

/** Zones of the account that the recording of us-east-1 was made in, which has them by name alone. */
const recordedZones: Readonly<Record<string, string>> = {
  'us-east-1a': 'use1-az6',
  'us-east-1b': 'use1-az1',
  'us-east-1c': 'use1-az2',
  'us-east-1d': 'use1-az4',
  'us-east-1e': 'use1-az3',
  'us-east-1f': 'use1-az5',
};

/** Throws when `json` is not such a recording. */
export function catalogueFromRecording(json: unknown): Content {
  const { region, priceAsOf, spotAsOf, instanceTypes } = Recording.parse(json);
  const names = [...new Set(instanceTypes.flatMap(({ zones }) => zones))].sort();
  const zones = names.map((name) => ({ name, id: recordedZones[name] ?? null }));
  const types = instanceTypes.map(typeFrom);
  return { region, priceAsOf, spotAsOf, rates: DEFAULT_RATES, zones, types };
}

function typeFrom(one: z.infer<typeof Recording>['instanceTypes'][number]): InstanceType {
  const { spot, gpus: [gpu] = [] } = one;
  return {
    name: one.instanceType,
    architectures: one.arch,
    vcpus: one.vcpus,
    memoryMib: one.memoryMiB,
    traits: traitsOf({ ...one, unclustered: one.burstable || unclustered.test(one.instanceType) }),
    zones: one.zones,
    onDemandPrice: one.onDemandUsdPerHour,
    spot: spot
      ? { pricing: { by: 'saving', percent: spot.savingsPercent }, interruptionBand: spot.interruptionBand }
      : null,
    gpu: gpu
      ? { vendor: gpuVendor(gpu.manufacturer), name: gpu.name, count: gpu.count, memoryMib: gpu.memoryMiB }
      : null,
  };
}
