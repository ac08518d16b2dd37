import { Hono } from 'hono';
import * as z from 'zod';
import { EventList } from '../../domain/api/run.ts';
import { disclosed } from '../../domain/disclosed.ts';
import { iso } from '../../domain/kernel/instant.ts';
import { keyOf } from '../../domain/streams.ts';
import { inOrder, type Told } from '../../domain/why/story.ts';
import type { Api, Env, Routes } from './context.ts';
import { findRun } from './find-run.ts';
import { refuse } from './problems.ts';
import { queryOf } from './request.ts';
import { historyOfRun } from './run-history.ts';

export const EventQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1_000).default(200),
  cursor: z.string().optional().meta({ description: '`next` of the page before' }),
});

/** The story of a run: its own events, its jobs', and what the instances did for it that they were promised, in order. */
export const runEventRoutes = (api: Api): Routes =>
  new Hono<Env>().get('/:run/events', async (c) => {
    const { limit, cursor } = queryOf(c, EventQuery);
    const run = await findRun(api, c.var.caller, c.req.param('run'));
    const { commits } = await historyOfRun(api, run);
    const events = inOrder(commits).map(spelledOut);
    const start = cursor === undefined ? 0 : events.findIndex(({ id }) => id === cursor) + 1;
    if (cursor !== undefined && start === 0)
      throw refuse(400, 'bad-cursor', 'take `cursor` from `next` of the page before');
    const page = events.slice(start, start + limit);
    const last = page.at(-1);
    const next = last !== undefined && start + limit < events.length ? { next: last.id } : {};
    return c.json(EventList.parse({ events: page, ...next }));
  });

const spelledOut = ({ commit: { stream, version, at, by, causation }, event, n }: Told) => {
  const { type, ...data } = disclosed(event);
  return {
    id: `${keyOf(stream)}/${version}/${n}`,
    at: iso(at),
    by,
    causation,
    stream: keyOf(stream),
    type,
    data,
  };
};
