import { describe, expect } from 'vitest';
import type { RunId } from '../../domain/kernel/ids.ts';
import { MINUTE } from '../../domain/kernel/instant.ts';
import { statusOf } from '../../domain/run/state.ts';
import { task } from '../domain/given.ts';
import { dyingAtEveryCall, expectNothingLeft } from './at-every-call.ts';
import type { Crashing } from './crashing.ts';
import { inMemorySortie, type Sortie } from './in-memory-sortie.ts';
import { finished } from './invariants.ts';

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
      const running = {
        state: 'running',
        id,
        started_at: '',
        image_id: 'x',
        tagged_image_id: null,
        image: null,
        changed: [] as string[],
      } as const;
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
  await expectNothingLeft(sortie);
}

describe.each(stories)('$name', (story) => {
  const calls = { first: { undone: 2, done: 1 }, every: story.every };
  dyingAtEveryCall((crash) => toldWith(story, crash), calls);
});
