import { Hono } from 'hono';
import * as z from 'zod';
import { OfferList, RunPlan } from '../../domain/api/plan.ts';
import { parseConfiguration } from '../../domain/configuration/task.ts';
import { memoryOf } from '../../domain/fleet/memory.ts';
import { Fleet } from '../../domain/fleet/stream.ts';
import { isFree } from '../../domain/instance/state.ts';
import { Instance, poolOf } from '../../domain/instance/stream.ts';
import type { InstanceId } from '../../domain/kernel/ids.ts';
import { type Plan, planOffers } from '../../domain/planning/plan.ts';
import type { Requirements } from '../../domain/planning/requirements.ts';
import { requirementsOf, storedTask } from '../../domain/run/stored-task.ts';
import { contextOf, idleOffer } from '../../domain/scheduling/planner.ts';
import { otherFleets } from '../react/other-fleets.ts';
import type { Api, Env, Routes } from './context.ts';
import { DEFAULT_FLEET } from './fleet.ts';
import { invalidConfiguration } from './problems.ts';
import { configurationOf, queryOf } from './request.ts';

const OFFERS_SHOWN = 50;

/** A dry run: what would be tried, in which order, and why not the rest. Nothing is recorded. */
export const planRoutes = (api: Api): Routes =>
  new Hono<Env>().post('/', async (c) => {
    const task = await configurationOf(c);
    const fleet = await api.store.load(Fleet, DEFAULT_FLEET);
    return c.json(
      RunPlan.parse({
        name: task.name,
        fleet: DEFAULT_FLEET,
        configuration: storedTask({
          ...task,
          env: Object.fromEntries(Object.keys(task.env).map((name) => [name, ''])),
        }),
        plan: await planNow(api, requirementsOf(task), OFFERS_SHOWN),
        launch_limit: { instances: api.fleetInstances, running: fleet.state?.reservations.length ?? 0 },
      }),
    );
  });

const list = z
  .string()
  .transform((text) => text.split(',').map((one) => one.trim()))
  .optional();

/** The fields of a configuration that matter to offers, as query parameters in the same notation. */
export const OfferQuery = z.object({
  cpu: z.string().optional().meta({ example: '4..' }),
  memory: z.string().optional().meta({ example: '16GB..' }),
  gpu: z.string().optional().meta({ example: '24GB..:1' }),
  disk: z.string().optional().meta({ example: '200GB' }),
  spot: z.enum(['spot', 'on-demand', 'auto']).default('auto'),
  max_price: z.coerce.number().positive().optional().meta({ description: '$/h' }),
  region: list.meta({ description: 'One or more, separated by commas; likewise zones and types' }),
  zone: list,
  instance_type: list.meta({ example: 'm5.large,c5.large' }),
  limit: z.coerce.number().int().min(1).max(1_000).default(50),
});

export const offerRoutes = (api: Api): Routes =>
  new Hono<Env>().get('/', async (c) => {
    const { limit, spot, max_price, region, zone, instance_type, ...resources } = queryOf(c, OfferQuery);
    const read = parseConfiguration({
      type: 'task',
      commands: ['true'],
      // As in a configuration, except that what is not asked for is not asked for.
      resources: { cpu: '1..', memory: '0..', ...resources },
      spot_policy: spot,
      max_price,
      regions: region,
      availability_zones: zone,
      instance_types: instance_type,
    });
    if (!read.ok) throw invalidConfiguration(read.error);
    return c.json(OfferList.parse({ plan: await planNow(api, requirementsOf(read.value), limit) }));
  });

async function planNow(api: Api, requirements: Requirements, limit: number): Promise<Plan> {
  const [fleet, pool, others] = await Promise.all([
    api.store.load(Fleet, DEFAULT_FLEET),
    api.store.work(Instance, poolOf(DEFAULT_FLEET), 500),
    otherFleets(api, DEFAULT_FLEET),
  ]);
  const idle = pool.flatMap(({ id, state }) =>
    state && isFree(state) ? [idleOffer({ id: id as InstanceId, state })] : [],
  );
  const context = contextOf(
    [...(fleet.state ? [memoryOf(fleet.state)] : []), ...others],
    api.zones,
    api.runtime.now(),
  );
  return planOffers(api.catalogue, requirements, { ...context, idle, limit });
}
