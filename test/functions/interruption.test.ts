import { describe, expect, it } from 'vitest';
import type { InstancePhase } from '../../domain/instance/state.ts';
import type { JobState } from '../../domain/job/state.ts';
import { MINUTE, SECOND } from '../../domain/kernel/instant.ts';
import { inMemorySortie, type Sortie } from './in-memory-sortie.ts';
import { expectSound, finished } from './invariants.ts';

const warning = (ec2: string) => ({
  'detail-type': 'EC2 Spot Instance Interruption Warning' as const,
  detail: { 'instance-id': ec2 },
});

/** The cloud says that it takes the instance back, and does so two minutes later. */
async function takeBack(sortie: Sortie) {
  const [machine] = sortie.machines();
  if (machine === undefined) throw new Error('no machine');
  await sortie.observe(warning(machine.ec2));
  sortie.clock.at(sortie.clock.now() + 2 * MINUTE, () => sortie.world.end(machine.ec2));
}

const submitted = { idle_duration: '2m' };
const isJob = (kind: JobState['phase']['kind'], sent?: 'sent') => async (sortie: Sortie, run: Run) => {
  const { phase } = await sortie.job(run);
  return phase.kind === kind && (sent === undefined || (phase.kind === 'assigned' && phase.sent !== null));
};
const isInstance = (kind: InstancePhase['kind']) => async (sortie: Sortie) =>
  (await sortie.instances())[0]?.phase.kind === kind;
type Run = Parameters<Sortie['job']>[0];

describe('a spot interruption', () => {
  it.each([
    { of: 'an instance that boots', when: isInstance('booting') },
    { of: 'a job that has been told to start', when: isJob('assigned', 'sent') },
  ])('of $of sends the job elsewhere', async ({ when }) => {
    const sortie = inMemorySortie();
    const run = await sortie.submit(submitted);
    await sortie.until('so far', () => when(sortie, run));
    await takeBack(sortie);
    await sortie.until('done', finished(sortie, run));
    expect((await sortie.job(run)).past).toMatchObject([
      { submission: 0, status: 'failed', reason: 'interrupted_by_no_capacity', started_at: null },
      { submission: 1, status: 'done' },
    ]);
    expect(sortie.machines().map(({ state }) => state)).toEqual(['terminated', 'running']);
    await expectSound(sortie);
  });

  it('of a running job stops it in time, and says why it failed', async () => {
    const sortie = inMemorySortie({ behaviour: { commands: 600, obey: 30 } });
    const run = await sortie.submit(submitted);
    await sortie.until('it runs', () => isJob('running')(sortie, run));
    await takeBack(sortie);
    await sortie.until('over', finished(sortie, run), MINUTE);
    expect((await sortie.job(run)).phase).toMatchObject({
      status: 'failed',
      reason: 'interrupted_by_no_capacity',
    });
    expect((await sortie.job(run)).past).toMatchObject([{ exit_status: 143 }]);
    await sortie.pass(3 * MINUTE);
    expect((await sortie.instances())[0]?.phase).toMatchObject({ reason: 'spot_interruption' });
    await expectSound(sortie);
  });

  it('of a job that does not obey in time fails it when the machine is gone', async () => {
    const sortie = inMemorySortie({ behaviour: { commands: null, obey: null } });
    const run = await sortie.submit(submitted);
    await sortie.until('it runs', () => isJob('running')(sortie, run));
    await takeBack(sortie);
    await sortie.until('over', finished(sortie, run), 4 * MINUTE);
    expect((await sortie.job(run)).phase).toMatchObject({
      status: 'failed',
      reason: 'interrupted_by_no_capacity',
    });
    await expectSound(sortie);
  });

  it('of a job that finishes within the notice lets it be done', async () => {
    const sortie = inMemorySortie({ behaviour: { commands: 60, obey: null } });
    const run = await sortie.submit(submitted);
    await sortie.until('it runs', () => isJob('running')(sortie, run));
    await takeBack(sortie);
    await sortie.until('over', finished(sortie, run), 2 * MINUTE);
    expect((await sortie.job(run)).phase).toMatchObject({ status: 'done' });
    await sortie.pass(3 * MINUTE);
    await expectSound(sortie);
  });

  it('of a job that the user stops leaves it stopped by the user', async () => {
    const sortie = inMemorySortie({ behaviour: { commands: null, obey: 20 } });
    const run = await sortie.submit(submitted);
    await sortie.until('it runs', () => isJob('running')(sortie, run));
    await sortie.stop(run, 'graceful');
    await takeBack(sortie);
    await sortie.until('over', finished(sortie, run), MINUTE);
    expect((await sortie.job(run)).phase).toMatchObject({
      status: 'terminated',
      reason: 'terminated_by_user',
    });
    await sortie.pass(3 * MINUTE);
    await expectSound(sortie);
  });

  it('of an idle instance ends it, and the next run has another', async () => {
    const sortie = inMemorySortie();
    await sortie.submit({ idle_duration: '1h' });
    await sortie.until('idle', () => isInstance('idle')(sortie));
    await takeBack(sortie);
    const next = await sortie.submit(submitted);
    await sortie.until('done', finished(sortie, next));
    expect(sortie.machines().map(({ state }) => state)).toEqual(['terminated', 'running']);
    await sortie.pass(10 * SECOND);
    await expectSound(sortie);
  });

  it('announced twice, or of an instance of somebody else, changes nothing', async () => {
    const sortie = inMemorySortie({ behaviour: { commands: 600 } });
    const run = await sortie.submit(submitted);
    await sortie.until('it runs', () => isJob('running')(sortie, run));
    await sortie.observe(warning('i-0123456789abcdef0'));
    expect((await sortie.job(run)).phase.kind).toBe('running');
    await takeBack(sortie);
    await sortie.observe(warning(sortie.machines()[0]?.ec2 ?? ''));
    expect(sortie.told('Instance').filter((type) => type === 'InterruptionNoticed')).toHaveLength(1);
  });
});
