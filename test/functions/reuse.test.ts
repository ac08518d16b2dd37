import { expect, it } from 'vitest';
import { RunPlan } from '../../domain/api/plan.ts';
import { inMemorySortie, type Sortie } from './in-memory-sortie.ts';
import { finished } from './invariants.ts';

const reuse = { fleets: ['small'], creation_policy: 'reuse' };
const comesTo = (sortie: Sortie, kind: string) =>
  sortie.until(kind, async () => (await sortie.instances())[0]?.phase.kind === kind);

/** A fleet that keeps one node, which the index of its pool never shows. */
async function behind() {
  const sortie = inMemorySortie();
  const { work } = sortie.store;
  sortie.store.work = async (stream, ...asked) => (stream.name === 'Instance' ? [] : work(stream, ...asked));
  await sortie.apply({ nodes: '1..1' });
  return sortie;
}

it('a job that takes only what is there waits for an instance that the index does not show yet', async () => {
  const sortie = await behind();
  await comesTo(sortie, 'booting');
  const run = await sortie.submit(reuse);
  await sortie.drain();
  expect((await sortie.job(run)).phase).toMatchObject({ kind: 'waiting', wait: { kind: 'busy_instances' } });
  await sortie.until('done', finished(sortie, run));
  expect((await sortie.job(run)).phase).toMatchObject({ status: 'done' });
});

it('and takes it where it is idle already', async () => {
  const sortie = await behind();
  await comesTo(sortie, 'idle');
  const run = await sortie.submit(reuse);
  await sortie.drain();
  expect((await sortie.job(run)).phase).toMatchObject({ kind: 'assigned' });
});

it('where the fleet has none at all it fails at once', async () => {
  const sortie = inMemorySortie();
  await sortie.apply({ nodes: '0..1' });
  const run = await sortie.submit(reuse);
  await sortie.drain();
  expect((await sortie.job(run)).phase).toMatchObject({ kind: 'ended', status: 'failed' });
});

it('its plan has what is idle, and no launch, which it would never get', async () => {
  const sortie = inMemorySortie();
  await sortie.apply({ nodes: '1..1' });
  const task = { type: 'task', commands: ['true'], ...reuse };
  const planned = async () => RunPlan.parse(await sortie.send('/v1/plans', { configuration: task })).plan;
  expect(await planned()).toMatchObject({ offers: [], total_offers: 0, considered: 0 });
  await comesTo(sortie, 'idle');
  expect((await planned()).offers.map(({ availability }) => availability)).toEqual(['idle']);
});
