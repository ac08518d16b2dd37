import { describe, expect, it } from 'vitest';
import type { JobPhase } from '../../domain/job/state.ts';
import { MINUTE, SECOND } from '../../domain/kernel/instant.ts';
import { inMemorySortie, type Sortie } from './in-memory-sortie.ts';
import { expectSound, finished } from './invariants.ts';

const phases: readonly { at: string; when: JobPhase['kind']; is?: (phase: JobPhase) => boolean }[] = [
  { at: 'waiting for the fleet', when: 'waiting' },
  {
    at: 'waiting for its instance',
    when: 'assigned',
    is: (phase) => phase.kind === 'assigned' && !phase.sent,
  },
  {
    at: 'told to start',
    when: 'assigned',
    is: (phase) => phase.kind === 'assigned' && phase.sent !== null,
  },
  { at: 'running', when: 'running' },
];

const modes = [
  { mode: 'graceful', status: 'terminated', reason: 'terminated_by_user', run: 'stopped_by_user' },
  { mode: 'abort', status: 'aborted', reason: 'aborted_by_user', run: 'aborted_by_user' },
] as const;

/** A run that has come so far; where it has to wait, behind another. */
async function runThatIs(sortie: Sortie, phase: (typeof phases)[number]) {
  if (phase.when === 'waiting') {
    const other = await sortie.submit({ idle_duration: '2m' });
    await sortie.until('the other runs', async () => (await sortie.job(other)).phase.kind === 'running');
  }
  const run = await sortie.submit({ idle_duration: '2m' });
  await sortie.drain();
  await sortie.until(phase.at, async () => {
    const { phase: now } = await sortie.job(run);
    return now.kind === phase.when && (phase.is?.(now) ?? true);
  });
  return run;
}

describe.each(modes)('a $mode stop', ({ mode, status, reason, run: runReason }) => {
  it.each(phases)('of a run $at ends it, and leaves nothing behind', async (phase) => {
    const sortie = inMemorySortie({ instances: 1, behaviour: { commands: 600 } });
    const run = await runThatIs(sortie, phase);
    expect(await sortie.stop(run, mode)).toBe(202);
    await sortie.until('over', finished(sortie, run));
    expect((await sortie.job(run)).phase).toMatchObject({ kind: 'ended', status, reason });
    expect((await sortie.run(run)).phase).toMatchObject({ status, reason: runReason });
    await expectSound(sortie);
    await sortie.pass(20 * MINUTE);
    await expectSound(sortie);
    expect(sortie.machines().filter(({ state }) => state !== 'terminated')).toEqual([]);
    for (const machine of sortie.machines())
      expect(machine.submissions.get(`${run}-0-0`)?.state ?? 'exited').toMatch(
        mode === 'abort' ? /running|exited/ : /exited/,
      );
    expect(await sortie.stop(run, mode)).toBe(409);
  });
});

describe('a stop', () => {
  it('that nobody hears, agent and runner being silent, ends the instance when it is overdue', async () => {
    const sortie = inMemorySortie({ behaviour: { commands: null, obey: null } });
    const run = await sortie.submit({ stop_duration: '30s' });
    await sortie.until('it runs', async () => (await sortie.job(run)).phase.kind === 'running');
    for (const machine of sortie.machines()) machine.agent = 'unregistered';
    sortie.behaviour.reports = 'lost';
    await sortie.stop(run, 'graceful');
    await sortie.until('over', finished(sortie, run), 3 * MINUTE);
    expect((await sortie.job(run)).phase).toMatchObject({ reason: 'terminated_by_user' });
    expect((await sortie.instances())[0]?.phase).toMatchObject({ reason: 'stop_overdue' });
  });

  it('of commands that do not obey ends their instance when it is overdue', async () => {
    const sortie = inMemorySortie({ behaviour: { commands: null, obey: null } });
    const run = await sortie.submit({ stop_duration: '30s' });
    await sortie.until('it runs', async () => (await sortie.job(run)).phase.kind === 'running');
    await sortie.stop(run, 'graceful');
    await sortie.until('over', finished(sortie, run), 3 * MINUTE);
    expect((await sortie.job(run)).phase).toMatchObject({
      status: 'terminated',
      reason: 'terminated_by_user',
    });
    expect((await sortie.instances())[0]?.phase).toMatchObject({ reason: 'stop_overdue' });
    await expectSound(sortie);
  });

  it('whose doorbell is lost is sent within a minute or so, not when it is overdue', async () => {
    const sortie = inMemorySortie({ behaviour: { commands: null, reports: 'lost' } });
    const run = await sortie.submit({ stop_duration: '5m' });
    await sortie.until('it runs', async () => (await sortie.job(run)).phase.kind === 'running');
    await sortie.drain();
    sortie.bells.dead = true;
    await sortie.stop(run, 'graceful');
    await sortie.pass(2 * MINUTE);
    expect(sortie.told('Job')).toContain('StopSent');
  });

  it('reaches the runner with the answer to its report, when no command does', async () => {
    const sortie = inMemorySortie({ behaviour: { commands: null } });
    const run = await sortie.submit();
    await sortie.until('it runs', async () => (await sortie.job(run)).phase.kind === 'running');
    sortie.world.faults.outage = new Set(['ssm']);
    await sortie.stop(run, 'graceful');
    await sortie.until('over', finished(sortie, run), MINUTE);
    expect(sortie.told('Job')).not.toContain('StopSent');
    expect((await sortie.job(run)).phase).toMatchObject({ status: 'terminated' });
    await expectSound(sortie);
  });

  it('that becomes an abort does not wait any longer', async () => {
    const sortie = inMemorySortie({ behaviour: { commands: null, obey: null } });
    const run = await sortie.submit();
    await sortie.until('it runs', async () => (await sortie.job(run)).phase.kind === 'running');
    await sortie.stop(run, 'graceful');
    await sortie.pass(10 * SECOND);
    expect((await sortie.job(run)).phase.kind).toBe('stopping');
    await sortie.stop(run, 'abort');
    expect((await sortie.job(run)).phase).toMatchObject({ kind: 'ended', status: 'aborted' });
    await sortie.pass(2 * MINUTE);
    await expectSound(sortie);
    expect(sortie.machines()[0]?.state).toBe('terminated');
  });
});
