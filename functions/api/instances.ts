import { Hono } from 'hono';
import * as z from 'zod';
import { InstanceList } from '../../domain/api/instance.ts';
import { livePage, type PageEnd } from '../../domain/coordination/live-instances.ts';
import { Instance, instanceList } from '../../domain/instance/stream.ts';
import { FleetName, InstanceId } from '../../domain/kernel/ids.ts';
import type { Api, Env, Routes } from './context.ts';
import { refuse } from './problems.ts';
import { ListQuery, queryOf } from './request.ts';

export const badCursor = () => refuse(400, 'bad-cursor', 'take `cursor` from `next` of the page before');

export const InstanceQuery = ListQuery.extend({
  status: ListQuery.shape.status.meta({
    description: '`active`: what has not ended, fleet by fleet; `all`: newest first',
  }),
});

export const instanceRoutes = (api: Api): Routes =>
  new Hono<Env>().get('/', async (c) => {
    const { status, limit, cursor } = queryOf(c, InstanceQuery);
    const { project } = c.var.caller;
    if (status === 'active') {
      const page = await livePage(
        api.store,
        project,
        limit,
        cursor === undefined ? undefined : endIn(cursor),
      );
      const instances = page.instances.map(({ state, id }) => Instance.view(state, id));
      return c.json(InstanceList.parse({ instances, ...(page.end && { next: cursorAt(page.end) }) }));
    }
    const page = await api.store.list(instanceList(project), limit, cursor);
    if (page === 'bad-cursor') throw badCursor();
    const instances = page.items.map(({ view }) => view);
    return c.json(InstanceList.parse({ instances, ...(page.next && { next: page.next }) }));
  });

const cursorAt = ({ fleet, instance }: PageEnd): string => `${fleet}:${instance}`;

const Cursor = z.tuple([FleetName, InstanceId]);

function endIn(cursor: string): PageEnd {
  const read = Cursor.safeParse(cursor.split(':'));
  if (!read.success) throw badCursor();
  const [fleet, instance] = read.data;
  return { fleet, instance };
}
