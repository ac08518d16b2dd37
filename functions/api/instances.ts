import { Hono } from 'hono';
import { FleetList, InstanceList } from '../../domain/api/instance.ts';
import { fleetList } from '../../domain/fleet/stream.ts';
import { Instance, instanceList } from '../../domain/instance/stream.ts';
import { activeInstances } from './active-instances.ts';
import type { Api, Env, Routes } from './context.ts';
import { refuse } from './problems.ts';
import { ListQuery, PageQuery, queryOf } from './request.ts';

const badCursor = () => refuse(400, 'bad-cursor', 'take `cursor` from `next` of the page before');

export const instanceRoutes = (api: Api): Routes =>
  new Hono<Env>().get('/', async (c) => {
    const { status, limit, cursor } = queryOf(c, ListQuery);
    const { project } = c.var.caller;
    if (status === 'active') {
      const active = await activeInstances(api, project);
      const instances = active.map(({ state, id }) => Instance.view(state, id));
      return c.json(InstanceList.parse({ instances }));
    }
    const page = await api.store.list(instanceList(project), limit, cursor);
    if (page === 'bad-cursor') throw badCursor();
    const instances = page.items.map(({ view }) => view);
    return c.json(InstanceList.parse({ instances, ...(page.next && { next: page.next }) }));
  });

export const fleetRoutes = (api: Api): Routes =>
  new Hono<Env>().get('/', async (c) => {
    const { limit, cursor } = queryOf(c, PageQuery);
    const page = await api.store.list(fleetList(c.var.caller.project), limit, cursor);
    if (page === 'bad-cursor') throw badCursor();
    return c.json(
      FleetList.parse({ fleets: page.items.map(({ view }) => view), ...(page.next && { next: page.next }) }),
    );
  });
