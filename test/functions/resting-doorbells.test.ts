import { expect, test } from 'vitest';
import { MINUTE, SECOND } from '../../domain/kernel/instant.ts';
import { refOf, streamNamed } from '../../domain/streams.ts';
import { react } from '../../functions/react/reactor.ts';
import { inMemorySortie, type Sortie } from './in-memory-sortie.ts';

/** Visits every stream whose doorbell would not ring as it is now. Nothing may come of it. Returns how many it visited. */
async function visitResting(sortie: Sortie): Promise<number> {
  const now = sortie.clock.now();
  const resting = [...sortie.store.heads].flatMap(([key, { state }]) => {
    const stream = refOf(key);
    return stream && streamNamed(stream.name).rests(state, now) ? [stream] : [];
  });
  const commits = sortie.store.commits.length;
  for (const stream of resting) {
    const failures = await sortie.clock.settle(react(sortie.on, [{ kind: 'visit', stream, ring: 'moved' }]));
    expect(failures).toEqual([]);
    const come = sortie.store.commits.slice(commits);
    expect(come, `${stream.name}-${stream.id} rests`).toEqual([]);
  }
  return resting.length;
}

/** Lets time pass, and visits what rests every two seconds. */
async function passing(sortie: Sortie, milliseconds: number): Promise<number> {
  const end = sortie.clock.now() + milliseconds;
  let visited = 0;
  while (sortie.clock.now() < end) {
    await sortie.pass(2 * SECOND);
    visited += await visitResting(sortie);
  }
  return visited;
}

test('nothing follows from a state whose doorbell rests: runs that are done, fail, are tried again and are stopped', async () => {
  const sortie = inMemorySortie({ instances: 2, behaviour: { commands: 40, status: 3 } });
  const retry = { on_events: ['error'], duration: '5m' };
  const runs = [await sortie.submit({ retry }), await sortie.submit({ idle_duration: '1m' })];
  await passing(sortie, 2 * MINUTE);
  await sortie.stop(runs[0] ?? expect.fail('no run'), 'graceful');
  expect(await passing(sortie, 5 * MINUTE)).toBeGreaterThan(100);
});

test('nothing follows from a state whose doorbell rests: the nodes of a run together', async () => {
  const sortie = inMemorySortie({ instances: 4 });
  await sortie.submitGang(3, { idle_duration: 60 });
  expect(await passing(sortie, 5 * MINUTE)).toBeGreaterThan(100);
});

test('nothing follows from a state whose doorbell rests: a fleet that keeps nodes and is changed', async () => {
  const sortie = inMemorySortie({ instances: 4 });
  await sortie.apply({ nodes: '0..2', resources: { cpu: '2..', memory: '1GB..' } });
  await sortie.submit({ fleets: ['small'] });
  // Its instance boots, and needs nobody.
  await passing(sortie, 10 * SECOND);
  await sortie.apply({ nodes: '2..3', resources: { cpu: '2..', memory: '1GB..' }, tags: { team: 'ml' } });
  expect(await passing(sortie, 4 * MINUTE)).toBeGreaterThan(100);
});
