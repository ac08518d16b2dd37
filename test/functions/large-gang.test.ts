import { expect, test } from 'vitest';
import { statusOf } from '../../domain/run/state.ts';
import { inMemorySortie } from './in-memory-sortie.ts';
import { expectSound, finished } from './invariants.ts';

const NODES = 48;

test('a run of 48 nodes begins and is aborted in transactions of 100 items at most', async () => {
  const sortie = inMemorySortie({ instances: NODES, behaviour: { commands: null } });
  const { append } = sortie.store;
  let most = 0;
  sortie.store.append = (changes, provenance, aliases) => {
    most = Math.max(most, 2 * changes.length + (aliases?.length ?? 0));
    return append(changes, provenance, aliases);
  };
  const run = await sortie.submitGang(NODES);
  const isRunning = async () => (await sortie.run(run)).jobs.every(({ status }) => status === 'running');
  await sortie.until('all run', isRunning);
  await sortie.stop(run, 'abort');
  await sortie.until('the run is over', finished(sortie, run));
  expect(statusOf(await sortie.run(run))).toBe('terminated');
  await expectSound(sortie);
  expect(most).toBeGreaterThan(90);
  expect(most).toBeLessThanOrEqual(100);
});
