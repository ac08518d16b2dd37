import { Hono } from 'hono';
import { InstanceList } from '../../domain/api/instance.ts';
import { Instance, instanceList } from '../../domain/instance/stream.ts';
import { activeInstances } from './active-instances.ts';
import type { Api, Env, Routes } from './context.ts';
import { refuse } from './problems.ts';
import { ListQuery, queryOf } from './request.ts';

export const badCursor = () => refuse(400, 'bad-cursor', 'take `cursor` from `next` of the page before');

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
