import { Hono } from 'hono';
import * as z from 'zod';
import { EventList } from '../../domain/api/run.ts';
import { disclosed } from '../../domain/disclosed.ts';
import { attemptOf } from '../../domain/job/state.ts';
import { Job } from '../../domain/job/stream.ts';
import { jobId } from '../../domain/kernel/ids.ts';
import { iso } from '../../domain/kernel/instant.ts';
import type { Commit, StreamRef } from '../../domain/kernel/stream.ts';
import type { RunState } from '../../domain/run/state.ts';
import { keyOf } from '../../domain/streams.ts';
import type { Api, Env, Routes } from './context.ts';
import { findRun } from './find-run.ts';
import { refuse } from './problems.ts';
import { queryOf } from './request.ts';

const COMMITS = 1_000;

export const EventQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1_000).default(200),
  cursor: z.string().optional(),
});

/** The story of a run: its own events, its jobs' and those of the instances they were promised, in order. */
export const runEventRoutes = (api: Api): Routes =>
  new Hono<Env>().get('/:run/events', async (c) => {
    const { limit, cursor } = queryOf(c, EventQuery);
    const run = await findRun(api, c.var.caller, c.req.param('run'));
    const commits = (
      await Promise.all((await streamsOf(api, run)).map((ref) => api.store.history(ref, 0, COMMITS)))
    ).flat();
    const events = commits.sort(inOrder).flatMap(spelledOut);
    const start = cursor === undefined ? 0 : events.findIndex(({ id }) => id === cursor) + 1;
    if (cursor !== undefined && start === 0)
      throw refuse(400, 'bad-cursor', 'take `cursor` from `next` of the page before');
    const page = events.slice(start, start + limit);
    const last = page.at(-1);
    const next = last !== undefined && start + limit < events.length ? { next: last.id } : {};
    return c.json(EventList.parse({ events: page, ...next }));
  });

async function streamsOf(api: Api, run: RunState): Promise<StreamRef[]> {
  const jobs = await Promise.all(run.jobs.map(({ index }) => api.store.load(Job, jobId(run.id, index))));
  const instances = new Set(
    jobs.flatMap(({ state }) => {
      if (state === undefined) return [];
      const current = attemptOf(state);
      return [...state.past.map(({ instance }) => instance), ...(current ? [current.instance] : [])];
    }),
  );
  return [
    { name: 'Run', id: run.id },
    ...jobs.map(({ id }) => ({ name: 'Job' as const, id })),
    ...[...instances].map((id) => ({ name: 'Instance' as const, id })),
  ];
}

// One append gives its commits one time; within it the run leads, since it says what the rest is about.
const rank = { Run: 0, Fleet: 1, Instance: 2, Job: 3 } as const;
const inOrder = (a: Commit, b: Commit): number =>
  a.at - b.at || rank[a.stream.name] - rank[b.stream.name] || a.version - b.version;

const spelledOut = ({ stream, version, at, by, causation, events }: Commit) =>
  events.map(disclosed).map(({ type, ...data }, n) => ({
    id: `${keyOf(stream)}/${version}/${n}`,
    at: iso(at),
    by,
    causation,
    stream: keyOf(stream),
    type,
    data,
  }));
