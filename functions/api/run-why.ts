import { Hono } from 'hono';
import { Why } from '../../domain/api/why.ts';
import { Fleet } from '../../domain/fleet/stream.ts';
import { termsFor } from '../../domain/fleet/terms.ts';
import type { InstanceState } from '../../domain/instance/state.ts';
import { Instance } from '../../domain/instance/stream.ts';
import { LogsBusy } from '../../domain/job/logs.ts';
import type { JobState } from '../../domain/job/state.ts';
import { Job } from '../../domain/job/stream.ts';
import { jobId, type RunId, submissionId } from '../../domain/kernel/ids.ts';
import { iso } from '../../domain/kernel/instant.ts';
import { asked } from '../../domain/planning/asked.ts';
import { type Plan, planOffers } from '../../domain/planning/plan.ts';
import type { RunState } from '../../domain/run/state.ts';
import { statusOf } from '../../domain/run/state.ts';
import { summary } from '../../domain/run/view.ts';
import { contextOf } from '../../domain/scheduling/plan-context.ts';
import { causeOf, decidingJob } from '../../domain/why/cause.ts';
import { lastLines, submissionToQuote, TAIL_BYTES } from '../../domain/why/last-lines.ts';
import { story } from '../../domain/why/story.ts';
import type { Api, Env, Routes } from './context.ts';
import { findRun } from './find-run.ts';
import { placesOf } from './queue.ts';
import { historyOfRun } from './run-history.ts';

const LINES = 2_000;

/** Why a run is as it is, and the chain of events that led there. */
export const runWhyRoutes = (api: Api): Routes =>
  new Hono<Env>().get('/:run/why', async (c) => {
    const run = await findRun(api, c.var.caller, c.req.param('run'));
    const now = api.runtime.now();
    const ids = run.jobs.map(({ index }) => jobId(run.id, index));
    const loaded = await Promise.all(ids.map((id) => api.store.load(Job, id)));
    const waiting = loaded.flatMap(({ id, state }) => (state ? [{ id, state }] : []));
    const [{ commits, instances }, places, plan] = await Promise.all([
      historyOfRun(api, run),
      placesOf(api, waiting),
      planOf(api, run),
    ]);
    const heads = await Promise.all(instances.map((id) => api.store.load(Instance, id)));
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
    const output = await lastOutput(api, run.id, decidingJob(waiting.map(({ state }) => state)));
    const chain = story(commits, now);
    const [best] = plan.offers;
    return c.json(
      Why.parse({
        run: run.id,
        name: run.name,
        status: statusOf(run),
        cause,
        output,
        nodes: summary(run).jobs,
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

/** The end of what the job wrote, where that may say why it failed. */
async function lastOutput(api: Api, run: RunId, job: JobState | undefined): Promise<Why['output']> {
  const submission = job && submissionToQuote(job);
  if (job === undefined || submission == null) return null;
  const tail = await api.logs
    .tail(submissionId(jobId(run, job.index), submission), TAIL_BYTES)
    .catch((error: unknown) => {
      if (error instanceof LogsBusy) return new Uint8Array();
      throw error;
    });
  return tail.length === 0 ? null : { job: job.index, submission, lines: lastLines(tail) };
}

/** What fits by itself, and into the fleet: that EC2 refuses some of it for now is a wait, not a misfit. */
async function planOf(api: Api, { fleet, configuration }: RunState): Promise<Plan> {
  const { state } = await api.store.load(Fleet, fleet);
  const terms = termsFor(state, { ...configuration, fleet });
  const context = { ...contextOf([], api.zones, api.runtime.now()), terms };
  return planOffers(await api.catalogue.current(), configuration.requirements, context);
}
