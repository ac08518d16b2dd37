import { Hono } from 'hono';
import { Why } from '../../domain/api/why.ts';
import type { InstanceState } from '../../domain/instance/state.ts';
import { Instance } from '../../domain/instance/stream.ts';
import { Job } from '../../domain/job/stream.ts';
import { jobId } from '../../domain/kernel/ids.ts';
import { iso } from '../../domain/kernel/instant.ts';
import type { Commit, StreamRef } from '../../domain/kernel/stream.ts';
import { asked } from '../../domain/planning/asked.ts';
import { type Plan, planOffers } from '../../domain/planning/plan.ts';
import type { RunState } from '../../domain/run/state.ts';
import { statusOf } from '../../domain/run/state.ts';
import { contextOf } from '../../domain/scheduling/planner.ts';
import { causeOf } from '../../domain/why/cause.ts';
import { ofRun } from '../../domain/why/spans.ts';
import { instancesIn, story } from '../../domain/why/story.ts';
import type { Api, Env, Routes } from './context.ts';
import { findRun } from './find-run.ts';
import { placesOf } from './queue.ts';

// An instance that serves run after run has a long history of which little is this run's.
const COMMITS = 1_000;
const LINES = 2_000;

/** Why a run is as it is, and the chain of events that led there. */
export const runWhyRoutes = (api: Api): Routes =>
  new Hono<Env>().get('/:run/why', async (c) => {
    const run = await findRun(api, c.var.caller, c.req.param('run'));
    const now = api.runtime.now();
    const ids = run.jobs.map(({ index }) => jobId(run.id, index));
    const loaded = await Promise.all(ids.map((id) => api.store.load(Job, id)));
    const waiting = loaded.flatMap(({ id, state }) => (state ? [{ id, state }] : []));
    const [ownCommits, places] = await Promise.all([
      historyOf(api, [{ name: 'Run', id: run.id }, ...ids.map((id) => ({ name: 'Job' as const, id }))]),
      placesOf(api, waiting),
    ]);
    const instances = instancesIn(ownCommits);
    const [heads, theirs] = await Promise.all([
      Promise.all(instances.map((id) => api.store.load(Instance, id))),
      Promise.all(instances.map((id) => historyOf(api, [{ name: 'Instance', id }]))),
    ]);
    const commits = [...ownCommits, ...theirs.flatMap((history) => ofRun(history, run.id))];
    const plan = planOf(api, run);
    const cause = causeOf({
      run,
      jobs: waiting.map(({ state }) => state),
      instances: new Map(
        heads.flatMap(({ id, state }): [string, InstanceState][] => (state ? [[id, state]] : [])),
      ),
      commits,
      fitting: plan.total_offers,
      places: new Map(
        waiting.flatMap(({ id, state }) => {
          const place = places.get(id);
          return place ? [[state.index, place] as const] : [];
        }),
      ),
      now,
    });
    const chain = story(commits, now);
    const [best] = plan.offers;
    return c.json(
      Why.parse({
        run: run.id,
        name: run.name,
        status: statusOf(run),
        cause,
        plan: {
          asked: asked(run.configuration.requirements),
          considered: plan.considered,
          fitting: plan.total_offers,
          best: best ?? null,
        },
        chain: chain
          .slice(-LINES)
          .map(({ at, lasted, ...line }) => ({ ...line, at: iso(at), lasted_ms: lasted })),
        more: chain.length > LINES ? 'see_events' : 'none',
      } satisfies Why),
    );
  });

/** All commits of these streams, however many pages they are. */
async function historyOf(api: Api, streams: readonly StreamRef[]): Promise<Commit[]> {
  const histories = await Promise.all(
    streams.map(async (stream) => {
      const commits: Commit[] = [];
      for (;;) {
        const page = await api.store.history(stream, commits.at(-1)?.version ?? 0, COMMITS);
        commits.push(...page);
        if (page.length < COMMITS) return commits;
      }
    }),
  );
  return histories.flat();
}

/** What fits by itself: that EC2 refuses some of it for now is a wait, not a misfit. */
const planOf = (api: Api, run: RunState): Plan =>
  planOffers(api.catalogue, run.configuration.requirements, contextOf([], api.zones, api.runtime.now()));
