import { describe, expect } from 'vitest';
import { MINUTE, SECOND } from '../../domain/kernel/instant.ts';
import { statusOf } from '../../domain/run/state.ts';
import { catalogueOf, type } from '../domain/planning/given.ts';
import { dyingAtEveryCall, expectNothingLeft } from './at-every-call.ts';
import type { Crashing } from './crashing.ts';
import { type Given, inMemorySortie, type Sortie } from './in-memory-sortie.ts';
import { expectSound, finished } from './invariants.ts';

const fields = { idle_duration: '2m', env: { TOKEN: 'hush' } };

/** What happens, and how each run has to end. */
type Story = { name: string; given: Given; tell: (sortie: Sortie) => Promise<void> };

async function runTo(sortie: Sortie, status: string, submissions: number) {
  const run = await sortie.submit(fields);
  await sortie.until('the run is over', finished(sortie, run));
  expect([statusOf(await sortie.run(run)), (await sortie.job(run)).past.length]).toEqual([
    status,
    submissions,
  ]);
  await expectSound(sortie);
}

const stopped = (mode: 'graceful' | 'abort') => async (sortie: Sortie) => {
  const run = await sortie.submit(fields);
  await sortie.until('it runs', async () => (await sortie.job(run)).phase.kind === 'running');
  while ((await sortie.stop(run, mode)) === 500) await sortie.pass(SECOND);
  await sortie.until('the run is over', finished(sortie, run));
  expect(statusOf(await sortie.run(run))).toBe(mode === 'abort' ? 'aborted' : 'terminated');
  await expectSound(sortie);
};

const stories: readonly Story[] = [
  {
    name: 'two runs, one after the other on one machine',
    given: {},
    async tell(sortie) {
      await runTo(sortie, 'done', 1);
      await runTo(sortie, 'done', 1);
      expect(sortie.machines().length).toBeLessThanOrEqual(2);
    },
  },
  {
    name: 'an offer refused, the next one throttled',
    given: {},
    async tell(sortie) {
      let throttles = 1;
      sortie.world.faults.refuse = ({ offer }) => {
        const message = 'none there';
        if (offer.zone === 'us-east-1a')
          return {
            kind: 'refused',
            refusal: { class: 'capacity', code: 'InsufficientInstanceCapacity', message },
          };
        return throttles-- > 0 ? { kind: 'throttled', code: 'RequestLimitExceeded' } : 'no';
      };
      await runTo(sortie, 'done', 1);
    },
  },
  {
    name: 'an instance that never becomes ready, and another',
    given: { behaviour: { boot: null } },
    async tell(sortie) {
      sortie.clock.at(sortie.clock.now() + 9 * MINUTE, () => {
        sortie.behaviour.boot = 20;
      });
      const run = await sortie.submit(fields);
      await sortie.until('the run is over', finished(sortie, run));
      expect(statusOf(await sortie.run(run))).toBe('done');
      await expectSound(sortie);
    },
  },
  { name: 'a graceful stop', given: { behaviour: { commands: 600 } }, tell: stopped('graceful') },
  { name: 'an abort', given: { behaviour: { commands: 600 } }, tell: stopped('abort') },
  {
    name: 'a spot interruption',
    given: { behaviour: { commands: 600 } },
    async tell(sortie) {
      const run = await sortie.submit(fields);
      await sortie.until('it runs', async () => (await sortie.job(run)).phase.kind === 'running');
      const ec2 = sortie.machines().find(({ state }) => state === 'running')?.ec2 ?? '';
      sortie.clock.at(sortie.clock.now() + 2 * MINUTE, () => sortie.world.end(ec2));
      await sortie.observe({
        'detail-type': 'EC2 Spot Instance Interruption Warning',
        detail: { 'instance-id': ec2 },
      });
      await sortie.until('the run is over', finished(sortie, run));
      expect((await sortie.job(run)).phase).toMatchObject({ reason: 'interrupted_by_no_capacity' });
    },
  },
  {
    name: 'a fleet drained and resumed',
    given: {},
    async tell(sortie) {
      const run = await sortie.submit(fields);
      await sortie.until('it runs', async () => (await sortie.job(run)).phase.kind === 'running');
      for (const order of ['drain', 'resume']) {
        while (!(await accepted(sortie, order))) await sortie.pass(SECOND);
        await sortie.pass(2 * MINUTE);
      }
      expect(statusOf(await sortie.run(run))).toBe('done');
      await runTo(sortie, 'done', 1);
    },
  },
  {
    name: 'all instances of a fleet killed',
    given: { behaviour: { commands: 600 } },
    async tell(sortie) {
      const run = await sortie.submit(fields);
      await sortie.until('it runs', async () => (await sortie.job(run)).phase.kind === 'running');
      while (!(await accepted(sortie, 'terminate-all'))) await sortie.pass(SECOND);
      await sortie.pass(3 * MINUTE);
      expect((await sortie.job(run)).past[0]).toMatchObject({ reason: 'interrupted_by_no_capacity' });
    },
  },
  {
    name: 'an interruption, tried again, and an error, tried again',
    given: { behaviour: { commands: 40 } },
    async tell(sortie) {
      const run = await sortie.submit({ ...fields, retry: true });
      await sortie.until('it runs', async () => (await sortie.job(run)).phase.kind === 'running');
      const ec2 = sortie.machines().find(({ state }) => state === 'running')?.ec2 ?? '';
      sortie.clock.at(sortie.clock.now() + MINUTE, () => sortie.world.end(ec2));
      await sortie.observe({
        'detail-type': 'EC2 Spot Instance Interruption Warning',
        detail: { 'instance-id': ec2 },
      });
      sortie.behaviour.status = 3;
      await sortie.until('an error', async () => (await sortie.job(run)).past.at(-1)?.exit_status === 3);
      sortie.behaviour.status = 0;
      await sortie.until('the run is over', finished(sortie, run));
      expect(statusOf(await sortie.run(run))).toBe('done');
      const { past } = await sortie.job(run);
      expect(past.map(({ submission }) => submission)).toEqual(past.map((_, n) => n));
    },
  },
  {
    name: 'no capacity for a while, waited for',
    given: { catalogue: catalogueOf(type('m5.xlarge')) },
    async tell(sortie) {
      const message = 'none there';
      const refusal = { class: 'capacity', code: 'InsufficientInstanceCapacity', message } as const;
      sortie.world.faults.refuse = () => ({ kind: 'refused', refusal });
      sortie.clock.at(sortie.clock.now() + MINUTE, () => {
        sortie.world.faults.refuse = () => 'no';
      });
      const run = await sortie.submit({ ...fields, retry: { on_events: ['no-capacity'] } });
      await sortie.until('the run is over', finished(sortie, run));
      expect(statusOf(await sortie.run(run))).toBe('done');
    },
  },
];

async function accepted(sortie: Sortie, order: string): Promise<boolean> {
  const answer = await sortie.post(`/v1/fleets/default/${order}`, null, {});
  return answer !== 'no-answer' && answer.status === 202;
}

async function toldWith(story: Story, crash: Crashing) {
  const sortie = inMemorySortie({ ...story.given, crashing: crash });
  await story.tell(sortie);
  await expectNothingLeft(sortie);
}

describe.each(stories)('$name', (story) => {
  dyingAtEveryCall((crash) => toldWith(story, crash), { first: { undone: 1, done: 1 }, every: 1 });
});
