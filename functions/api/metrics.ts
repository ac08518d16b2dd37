import { Hono } from 'hono';
import { cloudFamilies, projectFamilies } from '../../domain/metrics/counters.ts';
import { gauges } from '../../domain/metrics/gauges.ts';
import { readingPools, readSnapshot } from '../../domain/metrics/snapshot.ts';
import { exposition } from '../../infra/metrics/prometheus.ts';
import type { Api, Env, Routes } from './context.ts';
import { DEFAULT_FLEET } from './fleet.ts';

/** Prometheus' scrape. docs/metrics.md has every series. */
export const metricRoutes = (api: Api): Routes =>
  new Hono<Env>().get('/', async (c) => {
    const { project } = c.var.caller;
    const [snapshot, counts, calls] = await Promise.all([
      readSnapshot(readingPools(api.store), { project, fleet: DEFAULT_FLEET }, api.runtime.now()),
      api.tally.read({ kind: 'project', project }),
      api.tally.read({ kind: 'cloud' }),
    ]);
    const families = [...gauges(snapshot), ...projectFamilies(counts), ...cloudFamilies(calls)];
    const { contentType, text } = await exposition(families);
    return c.body(text, 200, { 'content-type': contentType });
  });
