import { expect, test } from 'vitest';
import { MINUTE } from '../../domain/kernel/instant.ts';
import { statusOf } from '../../domain/run/state.ts';
import { Crash } from './crashing.ts';
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
  expect(statusOf(await sortie.run(run))).toBe('aborted');
  await expectSound(sortie);
  expect(most).toBeGreaterThan(90);
  expect(most).toBeLessThanOrEqual(100);
});

test.each(['graceful', 'abort'] as const)(
  'a %s stop of many nodes that is cut short between two appends goes on without its user',
  async (mode) => {
    const sortie = inMemorySortie({ instances: 30, behaviour: { commands: null } });
    const run = await sortie.submitGang(30);
    const statuses = async () => (await sortie.run(run)).jobs.map(({ status }) => status);
    await sortie.until('all run', async () => (await statuses()).every((status) => status === 'running'));
    const { append } = sortie.store;
    let stops = 0;
    sortie.on.store.append = (changes, provenance, aliases) => {
      if (provenance.by === 'user:alice' && ++stops === 2) return Promise.reject(new Crash());
      return append(changes, provenance, aliases);
    };
    expect(await sortie.stop(run, mode)).toBe(500);
    expect((await statuses()).filter((status) => status === 'running')).toHaveLength(10);
    await sortie.until('the run is over', finished(sortie, run), 5 * MINUTE);
    expect(statusOf(await sortie.run(run))).toBe(mode === 'abort' ? 'aborted' : 'terminated');
    await expectSound(sortie);
  },
);
