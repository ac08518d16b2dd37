import { describe, expect, it } from 'vitest';
import type { RunId } from '../../domain/kernel/ids.ts';
import { MINUTE } from '../../domain/kernel/instant.ts';
import { inMemorySortie, type Sortie } from './in-memory-sortie.ts';
import { expectSound, finished } from './invariants.ts';

async function runningJob(sortie: Sortie, fields: Record<string, unknown> = {}): Promise<RunId> {
  const run = await sortie.submit(fields);
  await sortie.until('it runs', async () => (await sortie.job(run)).phase.kind === 'running');
  return run;
}

const disk = (sortie: Sortie, run: RunId) => {
  const found = sortie.machines()[0]?.submissions.get(`${run}-0-0`);
  if (found === undefined) throw new Error('nothing on the disk');
  return found;
};

describe('the reply to SendCommand is lost', () => {
  it.each(['once', 'twice'] as const)('and the command is delivered %s: it starts once', async (delivery) => {
    const sortie = inMemorySortie();
    sortie.world.faults.lostReplies.send = 1;
    sortie.world.faults.delivery = delivery;
    const run = await sortie.submit();
    await sortie.until('done', finished(sortie, run));
    expect([...sortie.starts]).toEqual([[`${run}-0-0`, 1]]);
    await expectSound(sortie);
  });
});

describe('a job whose reports are missing is looked for on its disk', () => {
  it('and found to run', async () => {
    const sortie = inMemorySortie({ behaviour: { reports: 'lost', commands: 1_200 } });
    const run = await runningJob(sortie);
    await sortie.pass(10 * MINUTE);
    expect((await sortie.job(run)).phase.kind).toBe('running');
    expect(sortie.machines()).toHaveLength(1);
    await expectSound(sortie);
  });

  it('and found to have ended: the exit is recorded as if it had been reported', async () => {
    const sortie = inMemorySortie({ behaviour: { reports: 'lost', status: 3 } });
    const run = await sortie.submit();
    await sortie.until('over', finished(sortie, run));
    expect((await sortie.job(run)).phase).toMatchObject({ reason: 'container_exited_with_error' });
    expect((await sortie.job(run)).past).toMatchObject([{ exit_status: 3, started_at: expect.any(Number) }]);
    expect((await sortie.instances())[0]?.phase.kind).toBe('idle');
    await expectSound(sortie);
  });

  it('and found to be lost: the machine goes with it', async () => {
    const sortie = inMemorySortie({ behaviour: { reports: 'lost', commands: null } });
    const run = await runningJob(sortie);
    disk(sortie, run).state = 'lost';
    await sortie.until('over', finished(sortie, run));
    expect((await sortie.job(run)).phase).toMatchObject({ status: 'failed', reason: 'instance_unreachable' });
    await sortie.pass(2 * MINUTE);
    expect(sortie.machines()[0]?.state).toBe('terminated');
    await expectSound(sortie);
  });

  it('and not found: the command never arrived, it is sent again', async () => {
    const sortie = inMemorySortie();
    const run = await sortie.submit();
    await sortie.until('it boots', () => sortie.machines()[0]?.state === 'running');
    const [machine] = sortie.machines();
    if (machine === undefined) throw new Error('no machine');
    sortie.world.loseAgent(machine.ec2);
    await sortie.until('sent', () => sortie.told('Job').includes('StartSent'));
    machine.undelivered.length = 0;
    sortie.world.findAgent(machine.ec2);
    await sortie.until('done', finished(sortie, run));
    expect([...sortie.starts]).toEqual([[`${run}-0-0`, 1]]);
    await expectSound(sortie);
  });

  it('and its agent does not answer: nothing is done to it', async () => {
    const sortie = inMemorySortie({ behaviour: { commands: 3_000 } });
    const run = await runningJob(sortie);
    sortie.behaviour.reports = 'lost';
    sortie.world.loseAgent(sortie.machines()[0]?.ec2 ?? '');
    await sortie.pass(30 * MINUTE);
    expect((await sortie.job(run)).phase.kind).toBe('running');
    expect(sortie.machines()[0]?.state).toBe('running');
    await expectSound(sortie);
  });
});

describe('an instance that hangs', () => {
  it('is given up when its dead-man timer would have ended it long ago, and not before', async () => {
    const sortie = inMemorySortie({ behaviour: { commands: null } });
    const run = await runningJob(sortie);
    sortie.behaviour.reports = 'lost';
    sortie.world.loseAgent(sortie.machines()[0]?.ec2 ?? '');
    await sortie.pass(75 * MINUTE);
    expect((await sortie.job(run)).phase.kind).toBe('running');
    await sortie.until('over', finished(sortie, run), 30 * MINUTE);
    expect((await sortie.job(run)).phase).toMatchObject({ status: 'failed', reason: 'instance_unreachable' });
    await sortie.pass(5 * MINUTE);
    expect(sortie.machines()[0]?.state).toBe('terminated');
    await expectSound(sortie);
  });

  it('is not given up when it was only cut off: what is heard of again is no longer silent', async () => {
    const sortie = inMemorySortie({ behaviour: { commands: 3 * 3_600 } });
    const run = await runningJob(sortie);
    const ec2 = sortie.machines()[0]?.ec2 ?? '';
    for (let hour = 0; hour < 2; hour++) {
      sortie.behaviour.reports = 'lost';
      sortie.world.loseAgent(ec2);
      await sortie.pass(80 * MINUTE);
      expect((await sortie.job(run)).phase).toMatchObject({ silence: { looks: 2 } });
      sortie.world.findAgent(ec2);
      sortie.behaviour.reports = 'arrive';
      await sortie.pass(5 * MINUTE);
      expect((await sortie.job(run)).phase).toMatchObject({ kind: 'running', silence: null });
    }
    await sortie.until('done', finished(sortie, run), 60 * MINUTE);
    expect((await sortie.job(run)).past).toMatchObject([{ submission: 0, status: 'done' }]);
    await expectSound(sortie);
  });
});

describe('an instance whose agent never answers again', () => {
  it('gives back the job that nobody saw start there, after 20 minutes', async () => {
    const sortie = inMemorySortie();
    const run = await sortie.submit();
    await sortie.until('it boots', () => sortie.machines()[0]?.state === 'running');
    sortie.world.loseAgent(sortie.machines()[0]?.ec2 ?? '');
    await sortie.pass(18 * MINUTE);
    expect((await sortie.job(run)).phase).toMatchObject({ kind: 'assigned', attempt: { submission: 0 } });
    await sortie.until('done', finished(sortie, run), 10 * MINUTE);
    expect((await sortie.job(run)).past).toMatchObject([
      { submission: 0, reason: 'instance_unreachable', started_at: null },
      { submission: 1, status: 'done' },
    ]);
    await sortie.pass(2 * MINUTE);
    await expectSound(sortie);
  });
});

describe('EC2 and SSM do not answer for 30 minutes', () => {
  it.each(['arrive', 'lost'] as const)('and no job fails or restarts: its reports %s', async (reports) => {
    const sortie = inMemorySortie({ behaviour: { commands: 2_400 } });
    const run = await runningJob(sortie);
    sortie.behaviour.reports = reports;
    sortie.world.faults.outage = new Set(['ec2', 'ssm']);
    await sortie.pass(30 * MINUTE);
    expect((await sortie.job(run)).phase).toMatchObject({ kind: 'running', attempt: { submission: 0 } });
    expect((await sortie.instances())[0]).toMatchObject({ missed_at: null, phase: { kind: 'busy' } });
    sortie.world.faults.outage = new Set();
    sortie.behaviour.reports = 'arrive';
    await sortie.until('done', finished(sortie, run));
    expect((await sortie.job(run)).past).toMatchObject([{ status: 'done' }]);
    expect([...sortie.starts]).toEqual([[`${run}-0-0`, 1]]);
    expect(sortie.machines()).toHaveLength(1);
    await expectSound(sortie);
  });

  it('and a run that boots meanwhile starts after them, on the same instance', async () => {
    const sortie = inMemorySortie();
    const run = await sortie.submit();
    await sortie.drain();
    sortie.world.faults.outage = new Set(['ec2', 'ssm']);
    await sortie.pass(30 * MINUTE);
    expect((await sortie.job(run)).phase).toMatchObject({ kind: 'assigned', attempt: { submission: 0 } });
    sortie.world.faults.outage = new Set();
    await sortie.until('done', finished(sortie, run));
    expect((await sortie.job(run)).past).toMatchObject([{ submission: 0, status: 'done' }]);
    expect(sortie.machines()).toHaveLength(1);
    await expectSound(sortie);
  });

  it('and a run that is submitted meanwhile is launched after them', async () => {
    const sortie = inMemorySortie();
    sortie.world.faults.outage = new Set(['ec2', 'ssm']);
    const run = await sortie.submit();
    await sortie.pass(30 * MINUTE);
    expect(sortie.machines()).toEqual([]);
    sortie.world.faults.outage = new Set();
    await sortie.until('done', finished(sortie, run), 5 * MINUTE);
    await expectSound(sortie);
  });
});
