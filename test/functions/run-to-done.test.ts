import { describe, expect, it } from 'vitest';
import { SECOND } from '../../domain/kernel/instant.ts';
import { inMemorySortie } from './in-memory-sortie.ts';
import { expectSound, finished } from './invariants.ts';

describe('a run', () => {
  it('goes to done with exactly these events', async () => {
    const sortie = inMemorySortie();
    const run = await sortie.submit();
    await sortie.until('done', finished(sortie, run));

    expect(await sortie.run(run)).toMatchObject({ phase: { status: 'done', reason: 'all_jobs_done' } });
    expect(sortie.told('Job')).toEqual([
      'JobQueued',
      'SubmissionAssigned',
      'StartSent',
      'SubmissionStarted',
      'SubmissionEnded',
      'JobEnded',
    ]);
    expect(sortie.told('Instance')).toEqual([
      'InstanceRequested',
      'InstanceLaunched',
      'InstanceReady',
      'InstanceReleased',
    ]);
    expect(sortie.told('Fleet')).toEqual(['FleetCreated', 'LaunchReserved']);
    expect(sortie.told('Run').at(0)).toBe('RunSubmitted');
    expect(sortie.told('Run').at(-1)).toBe('RunFinished');
    await expectSound(sortie);
  });

  it('has its instance ready by the agent alone, when the node cannot report', async () => {
    const sortie = inMemorySortie({ behaviour: { ready: 'agent-only' } });
    const run = await sortie.submit();
    await sortie.until('done', finished(sortie, run));
    await expectSound(sortie);
  });

  it('leaves no secret in the bucket when it has ended', async () => {
    const sortie = inMemorySortie();
    const run = await sortie.submit({ env: { TOKEN: 'hush' } });
    await sortie.until('started', async () => (await sortie.job(run)).phase.kind === 'running');
    expect(sortie.bundles.keys()).toHaveLength(2);
    await sortie.until('done', finished(sortie, run));
    await sortie.drain();
    expect(sortie.bundles.keys()).toEqual([]);
    expect(JSON.stringify(sortie.store.commits)).not.toContain('hush');
  });

  it('takes the idle instance of the run before it', async () => {
    const sortie = inMemorySortie();
    const first = await sortie.submit();
    await sortie.until('done', finished(sortie, first));
    const second = await sortie.submit();
    await sortie.until('done', finished(sortie, second));
    expect(sortie.machines()).toHaveLength(1);
    expect(sortie.told('Instance').slice(4)).toEqual(['InstanceClaimed', 'InstanceReleased']);
    await expectSound(sortie);
  });

  it('leaves an instance that goes when it has been idle for idle_duration', async () => {
    const sortie = inMemorySortie();
    const run = await sortie.submit({ idle_duration: '4m' });
    await sortie.until('done', finished(sortie, run));
    await sortie.pass(3 * 60 * SECOND);
    expect((await sortie.instances())[0]?.phase.kind).toBe('idle');
    await sortie.pass(3 * 60 * SECOND);
    expect((await sortie.instances())[0]?.phase).toMatchObject({
      kind: 'terminated',
      reason: 'idle_duration',
    });
    expect((await sortie.fleet()).reservations).toEqual([]);
    await expectSound(sortie);
  });
});
