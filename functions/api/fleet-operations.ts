import { Hono } from 'hono';
import { FleetSummary } from '../../domain/api/instance.ts';
import { FleetOperation, OperationRequest } from '../../domain/api/operation.ts';
import { operateFleet } from '../../domain/coordination/operate-fleet.ts';
import type { FleetOrderKind } from '../../domain/fleet/admission.ts';
import { Fleet } from '../../domain/fleet/stream.ts';
import { FleetName } from '../../domain/kernel/ids.ts';
import { type Api, type Ctx, type Env, provenance, type Routes } from './context.ts';
import { refuse } from './problems.ts';
import { bodyOf } from './request.ts';

const orders: Record<FleetOperation, FleetOrderKind> = {
  pause: 'pause',
  resume: 'resume',
  drain: 'drain',
  'terminate-all': 'terminate',
};

/** An operator's orders to a whole fleet: recorded here, carried out by its reaction. The same again is answered alike. */
export function fleetOperationRoutes(api: Api): Routes {
  const routes: Routes = new Hono<Env>();
  for (const operation of FleetOperation.options)
    routes.post(`/:name/${operation}`, (c) => operate(api, c, c.req.param('name'), orders[operation]));
  return routes;
}

async function operate(api: Api, c: Ctx, given: string, kind: FleetOrderKind): Promise<Response> {
  const { caller } = c.var;
  const name = FleetName.safeParse(given);
  if (!name.success) throw unknown(given);
  const { reason } = await bodyOf(c, OperationRequest);
  const by = provenance(caller, name.data);
  const order = { fleet: name.data, project: caller.project, kind, reason, by: by.by };
  const ordered = await operateFleet(api, by, order);
  switch (ordered.kind) {
    case 'unknown-fleet':
      throw unknown(given);
    case 'deleted-fleet':
      throw deleted(name.data, ordered.instances);
    case 'recorded':
      break;
  }
  const { state } = await api.store.load(Fleet, name.data);
  if (state === undefined) throw new Error(`fleet ${name.data} vanished between two reads`);
  return c.json(FleetSummary.parse(Fleet.view(state, name.data)), 202);
}

function unknown(given: string) {
  const shown = JSON.stringify(given.length > 60 ? `${given.slice(0, 60)}…` : given);
  return refuse(404, 'unknown-fleet', `there is no fleet ${shown}; list them with: sortie fleet`);
}

function deleted(name: FleetName, instances: number) {
  const left =
    instances === 0
      ? 'a fleet of that name can be created again: sortie apply -f FILE'
      : `its last instances (${instances}) are ending: sortie fleet show ${name}`;
  return refuse(409, 'deleted-fleet', `fleet ${name} was deleted and takes no orders; ${left}`);
}
