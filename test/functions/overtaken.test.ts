import { describe, expect, it } from 'vitest';
import { endInstance } from '../../domain/coordination/end-instance.ts';
import { operateFleet } from '../../domain/coordination/operate-fleet.ts';
import { assignTo } from '../../domain/coordination/place-job.ts';
import type { Bundle, Bundles } from '../../domain/job/bundles.ts';
import { InstanceId, jobId, type RunId } from '../../domain/kernel/ids.ts';
import { placeJobs } from '../../functions/react/place-jobs.ts';
import { react } from '../../functions/react/reactor.ts';
import { bundle, FLEET } from '../domain/given.ts';
import { inMemorySortie, type Sortie } from './in-memory-sortie.ts';
import { expectSound, finished } from './invariants.ts';

const provenance = { by: 'function:react', causation: null, correlation: 'a-test' };

/** Two idle instances; the one that a pass does not prefer. */
async function idleInstance(sortie: Sortie): Promise<InstanceId> {
  const runs = [await sortie.submit(), await sortie.submit()];
  await sortie.until('done', finished(sortie, ...runs));
  return InstanceId.parse(sortie.machines()[1]?.intent.instance);
}

/** Another invocation gives the job this instance and loses it again: it waits once more, under the next number. */
async function overtake(sortie: Sortie, run: RunId, instance: InstanceId) {
  await assignTo(sortie.on, provenance, {
    fleet: FLEET,
    job: jobId(run, 0),
    instance,
    blocks: [0],
    check: null,
    submission: 0,
    bundle,
  });
  await endInstance(sortie.on, provenance, instance, { reason: 'vanished', message: 'gone again' });
}

describe('a pass that another one overtakes', () => {
  it('gives no submission the bundle of the one before', async () => {
    const sortie = inMemorySortie();
    const idle = await idleInstance(sortie);
    sortie.bells.dead = true;
    const run = await sortie.submit();
    const bundles = sortie.on.bundles as { put: Bundles['put'] };
    const put = bundles.put.bind(bundles);
    const written: Bundle[] = [];
    bundles.put = async (key, content) => {
      written.push(content);
      await put(key, content);
      if (written.length === 1) await overtake(sortie, run, idle);
    };
    const visit = { kind: 'visit', stream: { name: 'Job', id: jobId(run, 0) }, ring: 'moved' } as const;
    await sortie.clock.settle(react(sortie.on, [visit]));
    expect(written[0]?.submission).toBe(`${run}-0-0`);
    bundles.put = put;
    sortie.bells.dead = false;
    await sortie.until('done', finished(sortie, run));
    expect((await sortie.job(run)).past).toMatchObject([
      { submission: 0 },
      { submission: 1, status: 'done' },
    ]);
    for (const machine of sortie.machines())
      for (const [submission, { bundleUrl }] of machine.submissions) expect(bundleUrl).toContain(submission);
    await expectSound(sortie);
  });

  it('places no job any more where an operator pauses the fleet meanwhile', async () => {
    const sortie = inMemorySortie();
    await idleInstance(sortie);
    sortie.bells.dead = true;
    const run = await sortie.submit();
    const bundles = sortie.on.bundles as { put: Bundles['put'] };
    const put = bundles.put.bind(bundles);
    bundles.put = async (key, content) => {
      await put(key, content);
      const order = { fleet: FLEET, project: 'main', kind: 'pause', reason: null, by: 'user:alice' } as const;
      await operateFleet(sortie.on, provenance, order);
    };
    const visit = { kind: 'visit', stream: { name: 'Job', id: jobId(run, 0) }, ring: 'moved' } as const;
    await sortie.clock.settle(react(sortie.on, [visit]));
    expect((await sortie.job(run)).phase).toMatchObject({ kind: 'waiting', wait: { kind: 'paused' } });
    expect(sortie.bundles.keys().filter((key) => key.includes(run))).toEqual([]);
  });

  it('leaves out a job whose run is over and its environment erased, and looks again for the next in line', async () => {
    const sortie = inMemorySortie({ instances: 1 });
    const run = await sortie.submit({ env: { TOKEN: 'hush' } });
    const [id, state] = [jobId(run, 0), await sortie.job(run)];
    await sortie.stop(run, 'abort');
    await sortie.drain();
    expect(sortie.bundles.keys()).toEqual([]);
    const steps = await sortie.clock.settle(
      placeJobs(sortie.on, FLEET, { jobs: [{ id, state }], instances: [] }),
    );
    expect(steps).toMatchObject([
      { kind: 'place', rung: { jobs: [{ id, state: { phase: { kind: 'ended' } } }] } },
    ]);
    expect(sortie.machines()).toEqual([]);
  });
});
