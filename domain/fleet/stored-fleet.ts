import * as z from 'zod';
import {
  blocksSpec,
  type FleetConfiguration,
  healthSpec,
  placementSpec,
} from '../configuration/normalized.ts';
import { Resources } from '../planning/requirements.ts';

const { cpu, memory, gpu, disk } = Resources.shape;
const names = z.array(z.string()).nullable();

/** A fleet's configuration as its events keep it. Prices in $/h, the budget in $, durations in seconds. */
export const StoredFleet = z
  .object({
    nodes: z.object({ min: z.number(), target: z.number(), max: z.number().nullable() }),
    /** Not in what was stored before there was a choice. */
    placement: placementSpec.default('any'),
    /** Into how many equal blocks its instances are cut. Not in what was stored before there were any. */
    blocks: blocksSpec.default(1),
    /** Not in what was stored before nodes were checked. */
    health: healthSpec.nullable().default(null),
    resources: z.object({ cpu: cpu.nullable(), memory, gpu: gpu.nullable(), disk: disk.nullable() }),
    spot_policy: z.enum(['spot', 'on-demand', 'auto']).nullable(),
    max_price: z.number().nullable(),
    regions: names,
    availability_zones: names,
    instance_types: names,
    idle_duration: z.union([z.number(), z.literal('never')]).nullable(),
    tags: z.record(z.string(), z.string()),
    limits: z.object({
      instances: z.int().positive(),
      vcpus: z.int().positive().nullable(),
      price_per_hour: z.number().positive().nullable(),
      budget: z.number().positive().nullable(),
    }),
  })
  .meta({ id: 'StoredFleet' });
export type StoredFleet = z.infer<typeof StoredFleet>;

/** `nodes.max` is a limit on instances like the other, and the smaller one holds; without either it is the deployment's. */
export function storedFleet(configuration: FleetConfiguration, deploymentLimit: number): StoredFleet {
  const { nodes, limits } = configuration;
  const said = [nodes.max, limits.instances].filter((limit) => limit !== null);
  const instances = said.length > 0 ? Math.min(...said) : deploymentLimit;
  // As it will be read back: one that is applied again is recognised by its bytes.
  return StoredFleet.parse({ ...configuration, limits: { ...limits, instances } });
}
