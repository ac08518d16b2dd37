import { describe, expect, it } from 'vitest';
import { HOUR, MINUTE } from '../../domain/kernel/instant.ts';
import { T0 } from '../domain/given.ts';
import { noFaults, planOf } from './plan.ts';
import { claimNeverReleased } from './sabotages.ts';
import { elementsOf, shrink } from './shrink.ts';
import { simulate } from './simulate.ts';
import { throughSeeds } from './through-seeds.ts';
import { tellFailure } from './told-failure.ts';

// `npm run test:all` goes through 200.
it('keeps its promises through 20 seeds of trouble', async () => {
  expect(await throughSeeds(20)).toBe('');
});

describe('a failing seed', () => {
  it('fails in the same way each time', async () => {
    const [one, other] = [
      await simulate(planOf(1), claimNeverReleased),
      await simulate(planOf(1), claimNeverReleased),
    ];
    expect(other.violation).toEqual(one.violation);
    expect(other.history).toEqual(one.history);
  });

  it('is shrunk to what it takes: one run, and none of the faults', async () => {
    const outcome = await simulate(planOf(1), claimNeverReleased);
    const shrunk = await shrink(planOf(1), outcome, claimNeverReleased);
    expect(shrunk.violation?.invariant).toBe('claim without its job');
    expect(elementsOf(shrunk.scene.plan, shrunk)).toEqual([expect.stringMatching(/^run \d+$/)]);
    expect(tellFailure(shrunk)).toContain('seed 1: claim without its job');
  });
});

it('the same seed is the same story, to the byte', async () => {
  for (const seed of [5, 6, 7]) {
    const [one, other] = [await simulate(planOf(seed)), await simulate(planOf(seed))];
    expect(other.scene.store.commits).toEqual(one.scene.store.commits);
  }
});

it('waits as long as a run gets on, for hours', async () => {
  const fields = { commands: ['for 60 exit 3 obey 2'], retry: { duration: '8h' } };
  const run = { element: 'run 0', at: 0, seconds: 60, nodes: 1, fields };
  const { violation, scene } = await simulate({
    ...{ ...planOf(1), runs: [run], happenings: [], rates: noFaults, troubled: MINUTE },
  });
  expect(violation).toBeUndefined();
  expect(scene.time.now() - T0).toBeGreaterThan(8 * HOUR);
});
