import { Hono } from 'hono';
import { InstanceSummary } from '../../domain/api/instance.ts';
import { InstanceOperation, OperationRequest } from '../../domain/api/operation.ts';
import { operateInstance } from '../../domain/coordination/operate-instance.ts';
import { Instance } from '../../domain/instance/stream.ts';
import { type Api, type Ctx, type Env, provenance, type Routes } from './context.ts';
import { findInstance } from './find-instance.ts';
import { refuse } from './problems.ts';
import { bodyOf } from './request.ts';

/** An operator's orders to one instance. The same again is answered alike. */
export function instanceOperationRoutes(api: Api): Routes {
  const routes: Routes = new Hono<Env>();
  for (const to of InstanceOperation.options)
    routes.post(`/:id/${to}`, (c) => operate(api, c, c.req.param('id'), to));
  return routes;
}

async function operate(api: Api, c: Ctx, given: string, to: InstanceOperation): Promise<Response> {
  const { caller } = c.var;
  const { id } = await findInstance(api, caller, given);
  const { reason } = await bodyOf(c, OperationRequest);
  const by = provenance(caller, id);
  const recorded = await operateInstance(api, by, id, { to, reason, by: by.by });
  if (!recorded.ok && recorded.error.kind === 'ended')
    throw refuse(
      409,
      'instance-ended',
      `instance ${given} is ending or gone (${recorded.error.why.replaceAll('_', ' ')}); see: sortie instance -a`,
    );
  const { state } = await api.store.load(Instance, id);
  if (state === undefined) throw new Error(`instance ${id} vanished between two reads`);
  return c.json(InstanceSummary.parse(Instance.view(state, id)));
}
