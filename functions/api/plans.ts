import { Hono } from 'hono';
import * as z from 'zod';
import { OfferList, RunPlan } from '../../domain/api/plan.ts';
import { parseConfiguration } from '../../domain/configuration/task.ts';
import { takenBy } from '../../domain/coordination/submit.ts';
import { Fleet } from '../../domain/fleet/stream.ts';
import { type Group, groupsOf } from '../../domain/run/groups.ts';
import { requirementsOf, storedTask } from '../../domain/run/stored-task.ts';
import type { Api, Env, Routes } from './context.ts';
import { DEFAULT_FLEET, fleetFor } from './fleet.ts';
import { requireKnown, requireKnownNames } from './known-names.ts';
import { planIn } from './plan-in.ts';
import { invalidConfiguration, nameTaken } from './problems.ts';
import { configurationOf, queryOf } from './request.ts';
import { requireSecrets } from './secrets.ts';
import { withInstances } from './with-instances.ts';

// The CLI shows a type's zones as one offer.
const OFFERS_SHOWN = 150;

/** A dry run: what would be tried, in which order, and why not the rest. Nothing is recorded. */
export const planRoutes = (api: Api): Routes =>
  new Hono<Env>().post('/', async (c) => {
    const written = await configurationOf(c);
    await requireKnownNames(api, c, written);
    await requireSecrets(api, c, written);
    const fleet = await fleetFor(api, c, written);
    const task = await withInstances(api, c, fleet, written);
    const { name, state } = fleet;
    const taken = task.name === null ? null : await takenBy(api.store, c.var.caller.project, task.name);
    const configuration = storedTask(task);
    // It gets nothing of what can be launched, though that still says which of its fleets it may wait in.
    const open =
      task.creation_policy === 'reuse' ? { ...api, catalogue: nothingToLaunch(api.catalogue) } : api;
    const planFor = ({ requirements }: Group) =>
      planIn(open, fleet, { ...task, fleet: name, requirements }, OFFERS_SHOWN);
    const [first, ...others] = await Promise.all(
      groupsOf(configuration).map(async (group) => ({ ...group, plan: await planFor(group) })),
    );
    return c.json(
      RunPlan.parse({
        name: task.name,
        fleet: name,
        configuration,
        plan: first?.plan,
        other_groups: others,
        refusal: taken === null || task.name === null ? null : nameTaken(task.name, taken).problem,
        launch_limit: {
          instances: state?.configuration?.limits.instances ?? api.fleetInstances,
          running: state?.reservations.length ?? 0,
        },
      }),
    );
  });

const nothingToLaunch = (catalogue: Api['catalogue']): Api['catalogue'] => ({
  current: async () => ({ ...(await catalogue.current()), ranked: [], groups: [] }),
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
    const gpus = [{ path: ['gpu'], names: read.value.resources.gpu.name }];
    await requireKnown(api, read.value, gpus);
    const fleet = { name: DEFAULT_FLEET, state: (await api.store.load(Fleet, DEFAULT_FLEET)).state };
    const job = { ...read.value, fleet: DEFAULT_FLEET, requirements: requirementsOf(read.value) };
    return c.json(OfferList.parse({ plan: await planIn(api, fleet, job, limit) }));
  });
