import { describe, expect, it } from 'vitest';
import type { RunId } from '../../domain/kernel/ids.ts';
import { MINUTE } from '../../domain/kernel/instant.ts';
import { statusOf } from '../../domain/run/state.ts';
import { task } from '../domain/given.ts';
import { type Crashing, crashing } from './crashing.ts';
import { inMemorySortie, type Sortie } from './in-memory-sortie.ts';
import { expectSound, finished } from './invariants.ts';

interface Story {
  readonly name: string;
  readonly tell: (sortie: Sortie) => Promise<RunId>;
  readonly status: string;
  /** Each call of a port is one of some hundreds: one in so many of them, others as the code moves. */
  readonly every: number;
}

const stories: readonly Story[] = [
  { name: 'three nodes to the end', tell: (sortie) => sortie.submitGang(3), status: 'done', every: 7 },
  {
    name: 'a setup that fails on one of them',
    tell(sortie) {
      sortie.nodes.set(1, () => ({ setupStatus: 3 }));
      return sortie.submitGang(3);
    },
    status: 'failed',
    every: 7,
  },
  {
    name: 'a persistent container that runs on one of them',
    tell(sortie) {
      const id = 'c1';
      const running = { state: 'running', id, started_at: '', image_id: 'x', tagged_image_id: null } as const;
      sortie.behaviour.sighting = { state: 'absent' };
      sortie.nodes.set(1, () => ({ sighting: running }));
      const { container } = task({
        ...{ image: 'tools:1', container: { lifetime: 'persistent', name: 'tools' } },
      });
      return sortie.submitGang(3, { container });
    },
    status: 'failed',
    every: 7,
  },
  {
    name: 'one lost while all run, and all tried again',
    async tell(sortie) {
      const run = await sortie.submitGang(3, { retry: { on_events: ['interruption'], duration: 7_200 } });
      const isRunning = async () => (await sortie.job(run, 1)).phase.kind === 'running';
      await sortie.until('it runs', isRunning);
      const { phase } = await sortie.job(run, 1);
      const instance = phase.kind === 'running' ? phase.attempt.instance : '';
      sortie.world.end(sortie.machines().find(({ intent }) => intent.instance === instance)?.ec2 ?? '');
      return run;
    },
    status: 'done',
    every: 11,
  },
  {
    name: 'one that never comes, all given back and tried again',
    async tell(sortie) {
      sortie.nodes.set(2, () => ({ comes: 'stays away' }));
      const run = await sortie.submitGang(3);
      await sortie.until('given back', () => sortie.told('Run').includes('GangGivenBack'), 30 * MINUTE);
      sortie.nodes.delete(2);
      return run;
    },
    status: 'done',
    every: 41,
  },
];

async function toldWith({ tell, status }: Story, crash: Crashing) {
  const sortie = inMemorySortie({ crashing: crash });
  const run = await tell(sortie);
  await sortie.until('the run is over', finished(sortie, run), 180 * MINUTE);
  const state = await sortie.run(run);
  expect(statusOf(state)).toBe(status);
  const jobs = await Promise.all(state.jobs.map(({ index }) => sortie.job(run, index)));
  expect(jobs.map(({ phase }) => phase.kind)).toEqual(jobs.map(() => 'ended'));
  await sortie.pass(10 * MINUTE);
  await expectSound(sortie);
  expect(sortie.machines().filter(({ state: machine }) => machine !== 'terminated')).toEqual([]);
  expect((await sortie.fleet()).reservations).toEqual([]);
}

describe.each(stories)('$name', (story) => {
  it.each(['undone', 'done'] as const)(
    'ends as it should, at whatever call of a port a process died, the call %s',
    async (effect) => {
      for (let call = effect === 'done' ? 1 : 2; ; call += story.every) {
        const crash = crashing({ call, effect });
        try {
          await toldWith(story, crash);
        } catch (error) {
          throw new Error(`died at call ${call}, which was ${effect}: ${String(error)}`, { cause: error });
        }
        if (crash.crashed) continue;
        expect(call).toBeGreaterThan(80);
        return;
      }
    },
  );
});
