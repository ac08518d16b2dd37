import { describe, expect, it } from 'vitest';
import type { JobState } from '../../domain/job/state.ts';
import { MINUTE, SECOND } from '../../domain/kernel/instant.ts';
import { T0 } from '../domain/given.ts';
import { type Happening, noFaults, type Plan, type Service } from './plan.ts';
import { randomOf } from './random.ts';
import { type Outcome, simulate } from './simulate.ts';

const JOBS = 8;
const BEGINS = 5 * MINUTE;
const LASTS = 30 * MINUTE;

const outage = (of: Service, at: number, lasts: number): Happening => ({
  ...{ element: `outage of ${of}`, kind: 'outage', of },
  ...{ at, lasts },
});

/** Jobs of 8 to 60 minutes, all running when the services cease to answer. */
function planWith(seed: number, more: readonly Happening[]): Plan {
  const random = randomOf(seed, 'outage');
  const runs = Array.from({ length: JOBS }, (_, index) => {
    const seconds = 480 + Math.floor(random() * 3_120);
    const fields = { commands: [`for ${seconds} exit 0 obey 2`], idle_duration: '5m' };
    return { element: `run ${index}`, at: Math.floor(random() * MINUTE), seconds, nodes: 1, fields };
  });
  const services = (['ec2', 'ssm', 'eventbridge'] as const).map((of) => outage(of, BEGINS, LASTS));
  return {
    ...{ seed, runs, limit: JOBS, rates: noFaults, only: 'all', syncStays: 50 * SECOND, containers: false },
    happenings: [...services, ...more],
    troubled: BEGINS + LASTS + MINUTE,
  };
}

const jobs = ({ scene }: Outcome): JobState[] =>
  [...scene.store.heads].flatMap(([key, { state }]) => (key.startsWith('Job-') ? [state as JobState] : []));

describe.each<{ reports: string; more: readonly Happening[] }>([
  { reports: 'all reports arrive', more: [] },
  {
    reports: 'no reports arrive for ten of them',
    more: [outage('reports', BEGINS + 10 * MINUTE, 10 * MINUTE)],
  },
  { reports: 'no reports arrive for all of them', more: [outage('reports', BEGINS, LASTS)] },
])('EC2, SSM and EventBridge only time out for 30 minutes, and $reports', ({ more }) => {
  it.each([1, 2, 3, 4, 5])(
    'not one healthy job is restarted, and no instance is ended under one: seed %i',
    async (seed) => {
      const outcome = await simulate(planWith(seed, more));
      expect(outcome.violation).toBeUndefined();
      const began = outcome.scene.store.commits.filter(
        ({ at, events }) => at < T0 + BEGINS && events.some(({ type }) => type === 'SubmissionStarted'),
      );
      expect(began).toHaveLength(JOBS);
      expect(jobs(outcome).map(({ past }) => past.map(({ status }) => status))).toEqual(
        Array.from({ length: JOBS }, () => ['done']),
      );
      expect(outcome.scene.world.machines.size).toBe(JOBS);
    },
  );
});
