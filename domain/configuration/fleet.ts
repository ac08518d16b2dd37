import * as z from 'zod';
import { fail, ok, type Result } from '../kernel/result.ts';
import { backends } from './backends.ts';
import { blocks } from './blocks.ts';
import { cpu } from './cpu.ts';
import { describe } from './describe.ts';
import { disk } from './disk.ts';
import { idleDuration } from './duration.ts';
import { explainField, type Strange } from './fields.ts';
import { forbiddenShape } from './forbidden.ts';
import { gpu } from './gpu.ts';
import { health } from './health.ts';
import { limits, NO_LIMITS } from './limits.ts';
import { memory } from './memory.ts';
import { name } from './name.ts';
import { nodes } from './nodes.ts';
import { type FleetConfiguration, fleetConfiguration, placements } from './normalized.ts';
import { availabilityZones, instanceTypes, regions } from './placement.ts';
import { mustBe, type Problem, problemsOf } from './problem.ts';
import { memoryRange } from './range.ts';
import { tags } from './tags.ts';
import { bounded, maxPrice, orElse, orNull, TASK_FIELDS } from './task.ts';
import { oneOf } from './text.ts';

/** Here what is not named is left open: a fleet restricts, it asks for nothing. */
const admitted = z.strictObject(
  {
    cpu: orNull(cpu),
    memory: orNull(memoryRange),
    gpu: orNull(gpu),
    disk: orNull(disk),
    // Taken out of any instance's memory by the run that asks for it: it keeps no run and no instance out.
    shm_size: orNull(memory),
  },
  { error: mustBe('a map of `cpu`, `memory`, `gpu` and `disk`') },
);

export const fleetFields = z.strictObject({
  type: z.literal('fleet'),
  // dstack makes one up; here the name is what a second `apply` finds the fleet by.
  name,
  backends: orNull(backends),
  nodes: orElse(nodes, { min: 0, target: 0, max: null }),
  placement: orElse(oneOf(placements), 'any'),
  blocks: orElse(blocks, 1),
  health,
  resources: orElse(admitted, { cpu: null, memory: null, gpu: null, disk: null, shm_size: null }),
  idle_duration: idleDuration.transform((said) => (said === -1 ? ('never' as const) : said)),
  spot_policy: orNull(oneOf(['spot', 'on-demand', 'auto'])),
  max_price: orNull(maxPrice),
  regions: orNull(regions),
  availability_zones: orNull(availabilityZones),
  instance_types: orNull(instanceTypes),
  tags: orElse(tags, {}),
  limits: orElse(limits, NO_LIMITS),
});
const fleet = fleetFields
  .superRefine(({ nodes: { target }, limits }, ctx) => {
    const refuse = (field: string, message: string) =>
      ctx.addIssue({ code: 'custom', path: ['limits', field], message });
    if (target > (limits.instances ?? target))
      refuse('instances', `is less than the ${target} nodes to begin with`);
    if (target > 0 && limits.budget !== null)
      refuse(
        'budget',
        'is not supported yet for nodes kept without a run\nwrite `nodes: 0..4`, for instance',
      );
  })
  .transform((read) => {
    const { backends: _, resources: admitted, ...fleet } = read;
    const { shm_size: __, ...resources } = admitted;
    return { ...fleet, resources };
  })
  .pipe(fleetConfiguration);

export const FLEET_FIELDS = Object.keys(fleetFields.shape);
const STRANGE: Strange = {
  notYet: {
    backend_options: null,
    env: null,
    instance_tags: 'use `tags`',
    reservation: null,
    retry: null,
    ssh_config: null,
    termination_idle_time: 'use `idle_duration`',
    termination_policy: 'use `idle_duration`',
  },
  others: Object.fromEntries(
    TASK_FIELDS.filter((field) => !FLEET_FIELDS.includes(field)).map((field) => [field, '`type: task`']),
  ),
};

/** Reads a configuration of `type: fleet`: dstack's fields and grammar, and Sortie's `limits`. */
export function parseFleet(value: unknown): Result<FleetConfiguration, readonly Problem[]> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const hint = 'start with `type: fleet`';
    return fail([{ path: [], message: `a configuration is a map of fields, not ${describe(value)}`, hint }]);
  }
  const type = 'type' in value ? value.type : undefined;
  if (type !== 'fleet') {
    const hint = type === 'task' ? 'submit it with: sortie apply -f FILE' : 'write `type: fleet`';
    return fail([{ path: ['type'], message: `must be \`fleet\`, not ${describe(type)}`, hint }]);
  }
  const forbidden = forbiddenShape(value);
  if (forbidden !== null) return fail([forbidden]);
  const result = fleet.safeParse(value);
  if (result.success) return ok(result.data);
  return fail(
    bounded(problemsOf(result.error, (path, key) => explainField(path, key, FLEET_FIELDS, STRANGE))),
  );
}
