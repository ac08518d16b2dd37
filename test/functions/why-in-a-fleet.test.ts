import { expect, it } from 'vitest';
import { RunPlan } from '../../domain/api/plan.ts';
import { inMemorySortie } from './in-memory-sortie.ts';
import { why } from './why-given.ts';

it('why counts the offers that the run’s fleet lets in, as its plan does', async () => {
  const sortie = inMemorySortie();
  const fleet = { type: 'fleet', name: 'small', availability_zones: ['us-east-1b'] };
  expect((await sortie.request('POST', '/v1/fleets', { configuration: fleet })).status).toBe(201);
  const task = { type: 'task', commands: ['true'], fleets: ['small'] };
  const { body } = await sortie.request('POST', '/v1/plans', { configuration: task });
  const { plan } = await why(sortie, await sortie.submit({ fleets: ['small'] }));
  expect(plan.considered).toBeGreaterThan(plan.fitting);
  expect(plan.fitting).toBe(RunPlan.parse(body).plan.total_offers);
});
