import { describe, expect, it } from 'vitest';
import { Fleet } from '../../domain/fleet/stream.ts';
import { Job } from '../../domain/job/stream.ts';
import { jobId, type RunId, runId } from '../../domain/kernel/ids.ts';
import { MINUTE } from '../../domain/kernel/instant.ts';
import { change } from '../../domain/kernel/stream.ts';
import { Run } from '../../domain/run/stream.ts';
import { react } from '../../functions/react/reactor.ts';
import { FLEET, spec, task } from '../domain/given.ts';
import { inMemorySortie } from './in-memory-sortie.ts';
import { expectSound, finished } from './invariants.ts';

describe("a fleet's limit", () => {
  it('makes a job wait and say why, and it goes on when an instance is free', async () => {
    const sortie = inMemorySortie({ instances: 1 });
    const first = await sortie.submit();
    await sortie.until('it runs', async () => (await sortie.job(first)).phase.kind === 'running');
    const second = await sortie.submit();
    await sortie.drain();
    expect((await sortie.job(second)).phase).toMatchObject({
      kind: 'waiting',
      wait: { kind: 'fleet_limit', message: 'the fleet has its one instance, which is not free' },
    });
    await sortie.until('done', finished(sortie, first, second));
    expect(sortie.machines()).toHaveLength(1);
    await expectSound(sortie);
  });

  it('lets an idle instance go that is of no use to those who wait', async () => {
    const sortie = inMemorySortie({ instances: 1 });
    const first = await sortie.submit({ instance_types: ['m5.xlarge'] });
    await sortie.until('done', finished(sortie, first));
    const second = await sortie.submit({ instance_types: ['m6i.xlarge'] });
    await sortie.until('done', finished(sortie, second));
    const [small, other] = sortie.machines();
    expect(small).toMatchObject({ state: 'terminated', intent: { offer: { instance_type: 'm5.xlarge' } } });
    expect(other).toMatchObject({ state: 'running', intent: { offer: { instance_type: 'm6i.xlarge' } } });
    await expectSound(sortie);
  });

  it('that is raised lets those go on at once who wait for it', async () => {
    const sortie = inMemorySortie({ behaviour: { commands: 300 } });
    await sortie.apply({ nodes: '0..1' });
    const runs = [await sortie.submit({ fleets: ['small'] }), await sortie.submit({ fleets: ['small'] })];
    const both = () => Promise.all(runs.map(async (run) => (await sortie.job(run)).phase.kind));
    await sortie.until('one runs', async () => (await both()).includes('running'));
    await sortie.drain();
    expect(await both()).toContain('waiting');
    await sortie.apply({ nodes: '0..2' });
    await sortie.drain();
    expect(await both()).not.toContain('waiting');
    expect(sortie.machines()).toHaveLength(2);
    await sortie.until('done', finished(sortie, ...runs));
    await expectSound(sortie);
  });

  it('of ten is never overshot by 500 runs whose reactions all race each other', async () => {
    const sortie = inMemorySortie({ instances: 10, behaviour: { commands: 20 } });
    const now = sortie.clock.now();
    const runs = await Promise.all(
      Array.from({ length: 500 }, async () => {
        const run = runId(sortie.clock.ulid());
        const configuration = task();
        const submitted = { id: run, name: run, project: 'main', user: 'alice', fleet: FLEET, configuration };
        const queued = { type: 'JobQueued' as const, spec: spec({ run, run_name: run }) };
        await sortie.store.append(
          [
            change(
              await sortie.store.load(Run, run),
              [{ type: 'RunSubmitted', ...submitted, fingerprint: run, seal: 'none', code: null }],
              now,
            ),
            change(await sortie.store.load(Job, jobId(run, 0)), [queued], now),
          ],
          { by: 'user:alice', causation: null, correlation: run },
        );
        return run;
      }),
    );
    const reserved = () =>
      sortie.store.load(Fleet, FLEET).then(({ state }) => state?.reservations.length ?? 0);
    await sortie.clock.settle(
      Promise.all(
        runs.map((run) =>
          react(sortie.on, [{ kind: 'visit', stream: { name: 'Job', id: jobId(run, 0) }, ring: 'moved' }]),
        ),
      ),
    );
    expect(await reserved()).toBe(10);
    expect(sortie.machines()).toHaveLength(10);
    await expectSound(sortie);
  }, 60_000);

  it.each([1, 2, 3, 4])(
    'leaves nobody waiting for a place that is free, however far behind the indexes are (seed %i)',
    async (seed) => {
      const sortie = inMemorySortie({ instances: 3, seed, indexBehind: 0.6, behaviour: { commands: 20 } });
      const runs: RunId[] = [];
      for (let n = 0; n < 30; n++) runs.push(await sortie.submit());
      // Ten rounds of 20 s, and the boot: a single job that nobody rings would wait for its next look, a minute away.
      await sortie.until('all done', finished(sortie, ...runs), 4.5 * MINUTE);
      expect(sortie.machines()).toHaveLength(3);
      await expectSound(sortie);
    },
  );

  it('of three is kept while thirty runs go through it, one after the other on each', async () => {
    const sortie = inMemorySortie({ instances: 3, behaviour: { commands: 20 } });
    const runs: RunId[] = [];
    for (let n = 0; n < 30; n++) runs.push(await sortie.submit());
    await sortie.until('all done', finished(sortie, ...runs));
    for (const run of runs) expect((await sortie.run(run)).phase).toMatchObject({ status: 'done' });
    expect(sortie.machines()).toHaveLength(3);
    await expectSound(sortie);
  });
});
