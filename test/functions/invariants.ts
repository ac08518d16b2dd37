import { expect } from 'vitest';
import { mayLeave } from '../../domain/fleet/nodes.ts';
import { claimsOf, ec2Of } from '../../domain/instance/state.ts';
import { attemptOf } from '../../domain/job/state.ts';
import { Job } from '../../domain/job/stream.ts';
import type { RunId } from '../../domain/kernel/ids.ts';
import { MINUTE, SECOND } from '../../domain/kernel/instant.ts';
import { isFinal } from '../../domain/kernel/status.ts';
import { statusOf } from '../../domain/run/state.ts';
import { verify } from '../../domain/verify.ts';
import { Crash } from './crashing.ts';
import type { Sortie } from './in-memory-sortie.ts';

export const finished =
  (sortie: Sortie, ...runs: RunId[]) =>
  async (): Promise<boolean> =>
    (await Promise.all(runs.map((run) => sortie.run(run)))).every((run) => isFinal(statusOf(run)));

// The schedule comes once a minute, and what it ends is seen to have ended a minute later.
const SLACK = 3 * MINUTE;

/** What must hold of the record and the world at any quiet moment. */
export async function expectSound(sortie: Sortie): Promise<void> {
  const { store, clock } = sortie;
  expect(await verify(store, store, 'main')).toMatchObject({ mismatches: [] });
  for (const [submission, starts] of sortie.starts) expect([submission, starts]).toEqual([submission, 1]);

  const instances = await sortie.instances();
  const live = instances.filter(({ phase }) => phase.kind !== 'terminated');
  for (const [fleet, own] of Map.groupBy(instances, (instance) => instance.fleet)) {
    const { reservations } = await sortie.fleet(fleet);
    expect([fleet, reservations.length]).toEqual([fleet, own.filter((one) => live.includes(one)).length]);
  }
  for (const instance of live) {
    const { phase, idle_duration, withheld } = instance;
    const taken = claimsOf(instance).flatMap((claim) => claim.blocks);
    expect(new Set(taken).size).toBe(taken.length);
    for (const block of taken) expect(block).toBeLessThan(instance.blocks);
    for (const claim of claimsOf(instance)) {
      const { state: job } = await store.load(Job, claim.job);
      expect([claim.job, job && attemptOf(job)?.submission]).toEqual([claim.job, claim.submission]);
    }
    const fleet = await sortie.fleet(instance.fleet);
    if (phase.kind === 'idle' && idle_duration !== null && !withheld && mayLeave(fleet))
      expect(clock.now()).toBeLessThan(phase.since + idle_duration * SECOND + SLACK);
    if (phase.kind === 'terminating') expect(clock.now()).toBeLessThan(phase.since + SLACK);
  }

  const alive = sortie.machines().filter(({ state }) => state === 'pending' || state === 'running');
  const intents = alive.map(({ intent }) => intent.instance);
  expect(new Set(intents).size).toBe(intents.length);
  const known = live.map((instance) => ec2Of(instance));
  for (const { ec2 } of alive) expect(known).toContain(ec2);
  expect(sortie.unexpected.filter((error) => !(error instanceof Crash))).toEqual([]);
}
