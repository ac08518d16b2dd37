import { Hono } from 'hono';
import * as z from 'zod';
import { FleetDetail } from '../../domain/api/fleet.ts';
import { FleetList } from '../../domain/api/instance.ts';
import { applyFleet, deleteFleet, runsIn } from '../../domain/coordination/apply-fleet.ts';
import { type ApplyRefusal, configure } from '../../domain/fleet/apply.ts';
import { spentBy } from '../../domain/fleet/budget.ts';
import { isPlaceable } from '../../domain/fleet/placeable.ts';
import { type StoredFleet, storedFleet } from '../../domain/fleet/stored-fleet.ts';
import { Fleet, fleetList } from '../../domain/fleet/stream.ts';
import { Instance } from '../../domain/instance/stream.ts';
import { dollars } from '../../domain/kernel/dollars.ts';
import type { FleetName } from '../../domain/kernel/ids.ts';
import { type Api, type Ctx, type Env, provenance, type Routes } from './context.ts';
import { DEFAULT_FLEET, findFleet } from './fleet.ts';
import { planFleet } from './fleet-plan.ts';
import { badCursor } from './instances.ts';
import { requireKnownNamesOf } from './known-names.ts';
import { invalidConfiguration, type Refused, refuse } from './problems.ts';
import { fieldPath, fleetOf, PageQuery, queryOf } from './request.ts';

export const ApplyQuery = z.object({
  dry_run: z
    .enum(['true', 'false'])
    .default('false')
    .meta({ description: '`true`: only says what would be done' }),
});

export const fleetRoutes = (api: Api): Routes =>
  new Hono<Env>()
    .get('/', async (c) => {
      const { limit, cursor } = queryOf(c, PageQuery);
      const page = await api.store.list(fleetList(c.var.caller.project), limit, cursor);
      if (page === 'bad-cursor') throw badCursor();
      const fleets = page.items.map(({ view }) => view);
      return c.json(FleetList.parse({ fleets, ...(page.next && { next: page.next }) }));
    })

    .post('/', async (c) => {
      const { project } = c.var.caller;
      const { dry_run } = queryOf(c, ApplyQuery);
      const { name, ...read } = await fleetOf(c);
      await requireKnownNamesOf(api, c, { ...read, name });
      const { state: fleet } = await api.store.load(Fleet, name);
      if (fleet !== undefined && fleet.project !== project)
        throw refuse(409, 'fleet-name-taken', `another project has a fleet ${name}; choose another name`);
      const configuration = storedFleet({ ...read, name }, api.fleetInstances);
      if (!isPlaceable(await api.catalogue.current(), api.zones, configuration))
        throw notPlaceable(c, configuration);
      if (dry_run === 'true') {
        const decided = configure(fleet, project, configuration);
        if (!decided.ok) throw refused(c, name, decided.error);
        return c.json(await planFleet(api, name, { fleet, events: decided.value }, configuration));
      }
      const applied = await applyFleet(api, provenance(c.var.caller, name), name, { project, configuration });
      if (!applied.ok) throw refused(c, name, applied.error);
      c.header('location', `/v1/fleets/${name}`);
      return c.json(await detail(api, name), applied.value === 'created' ? 201 : 200);
    })

    .get('/:name', async (c) => {
      const { name } = await findFleet(api, c.var.caller, c.req.param('name'));
      return c.json(await detail(api, name));
    })

    .delete('/:name', async (c) => {
      const { name } = await findFleet(api, c.var.caller, c.req.param('name'));
      if (name === DEFAULT_FLEET)
        throw refuse(
          409,
          'default-fleet',
          `fleet ${name} is where runs go that name none; change it with: sortie apply -f FILE`,
        );
      const deleted = await deleteFleet(api, provenance(c.var.caller, name), name);
      if (!deleted.ok) throw inUse(name, deleted.error.runs);
      return c.json(await detail(api, name), 202);
    });

async function detail(api: Api, name: FleetName): Promise<FleetDetail> {
  const { state: fleet } = await api.store.load(Fleet, name);
  if (fleet === undefined) throw new Error(`fleet ${name} vanished between two reads`);
  const [runs, instances] = await Promise.all([
    runsIn(api.store, name, fleet),
    Promise.all(fleet.reservations.map(({ instance }) => api.store.load(Instance, instance))),
  ]);
  const pool = instances.flatMap(({ state, id }) => (state ? [Instance.view(state, id)] : []));
  return FleetDetail.parse({
    ...(Fleet.view(fleet, name) as object),
    ...spentBy(fleet, api.runtime.now()),
    ...{ configuration: fleet.configuration, pool, runs },
  });
}

function notPlaceable(c: Ctx, { instance_types }: StoredFleet): Refused {
  const which =
    instance_types === null ? 'nothing that this fleet lets in' : `none of ${instance_types.join(', ')}`;
  return invalidConfiguration([
    {
      path: fieldPath(c, 'placement'),
      message: `${which} can be in a cluster placement group: EC2 takes no burstable, flex or mac types, nor the oldest`,
      hint: 'name other types, for instance m7i.large, or leave `placement` out',
    },
  ]);
}

function inUse(name: string, runs: readonly string[]): Refused {
  const shown = runs.slice(0, 10).join(', ');
  const more = runs.length > 10 ? ` and ${runs.length - 10} more` : '';
  const detail = `fleet ${name} has runs that are not finished: ${shown}${more}; stop them (sortie stop ${runs[0]}) or wait for their end`;
  return refuse(409, 'fleet-in-use', detail);
}

function refused(c: Ctx, name: string, refusal: ApplyRefusal): Refused {
  const budget = fieldPath(c, 'limits', 'budget');
  switch (refusal.kind) {
    case 'still-ending': {
      const detail = `fleet ${name} was deleted, and its last instances (${refusal.instances}) still end; apply it again once they are gone: sortie fleet show ${name}`;
      return refuse(409, 'fleet-still-ending', detail);
    }
    case 'unbudgeted-instances':
      return invalidConfiguration([
        {
          path: budget,
          message: `fleet ${name} has instances (${refusal.instances}) that were launched without a budget`,
          hint: 'a budget can be given to a fleet without instances: wait for their end, or make another fleet',
        },
      ]);
    case 'placed-instances':
      return invalidConfiguration([
        {
          path: fieldPath(c, 'placement'),
          message: `fleet ${name} has instances (${refusal.instances}), and EC2 moves none into or out of a placement group`,
          hint: 'change it once they are gone (sortie fleet terminate-all ends them), or make another fleet',
        },
      ]);
    case 'budget-used':
      return invalidConfiguration([
        {
          path: budget,
          message: `${dollars(refusal.used)} is spent or committed already`,
          hint: 'allow at least that',
        },
      ]);
  }
}
