import * as z from 'zod';
import { StoredFleet } from '../fleet/stored-fleet.ts';
import { FleetSummary, InstanceSummary } from './instance.ts';

export const FleetDetail = FleetSummary.extend({
  spent: z.number().meta({ description: '$; by now, also by the instances that it has' }),
  committed: z
    .number()
    .meta({ description: '$; what its instances cost beyond that, at most, until their jobs’ ends' }),
  configuration: StoredFleet.nullable().meta({
    description: 'As it was applied; null for the default fleet until somebody applies one',
  }),
  pool: z.array(InstanceSummary).meta({ description: 'Its instances' }),
  runs: z
    .array(z.string())
    .meta({ description: 'The names of runs that wait for it or are on its instances' }),
}).meta({ id: 'FleetDetail' });
export type FleetDetail = z.infer<typeof FleetDetail>;

/** An instance that a changed configuration drains. */
const LeavingInstance = InstanceSummary.pick({
  id: true,
  ec2_id: true,
  instance_type: true,
  zone: true,
  spot: true,
  status: true,
  jobs: true,
}).extend({ why: z.string() });

/** What applying a configuration would do. */
export const FleetPlan = z
  .object({
    name: z.string(),
    action: z.enum(['create', 'change', 'nothing']),
    changes: z
      .array(z.object({ field: z.string(), from: z.string().nullable(), to: z.string().nullable() }))
      .meta({ description: 'In the notation of a configuration; null: not said' }),
    leaving: z.array(LeavingInstance).meta({
      description: 'Instances that have no place in the fleet any more: each ends once its jobs have',
    }),
    launches: z.int().nonnegative().meta({
      description: 'So many nodes are launched for no job, within the limits: up to `nodes.target`',
    }),
    configuration: StoredFleet,
  })
  .meta({ id: 'FleetPlan' });
export type FleetPlan = z.infer<typeof FleetPlan>;
