import { describe, expect, it } from 'vitest';
import type { LaunchIntent, LaunchOutcome } from '../../domain/instance/cloud.ts';
import { MINUTE, SECOND } from '../../domain/kernel/instant.ts';
import { T0 } from '../domain/given.ts';
import { inMemorySortie } from './in-memory-sortie.ts';
import { expectSound, finished } from './invariants.ts';

type Answer = Exclude<LaunchOutcome, { kind: 'launched' }>;

const refusal = (
  refusedAs: 'capacity' | 'quota' | 'network' | 'fatal',
  code: string,
  message = 'so it is',
): Answer => ({ kind: 'refused', refusal: { class: refusedAs, code, message } });

/** A Sortie whose EC2 answers so, and what it was asked for. */
function whereEc2Answers(answer: (intent: LaunchIntent, asked: number) => Answer | 'no') {
  const sortie = inMemorySortie();
  const asked: { offer: string; token: string; at: number }[] = [];
  sortie.world.faults.refuse = (intent) => {
    const { instance_type, zone } = intent.offer;
    asked.push({ offer: `${instance_type} ${zone}`, token: intent.instance, at: sortie.clock.now() - T0 });
    return answer(intent, asked.length);
  };
  return { sortie, asked };
}

describe('when EC2 refuses a launch', () => {
  it('for want of capacity, the next offer is tried at once', async () => {
    const { sortie, asked } = whereEc2Answers(({ offer }) =>
      offer.zone === 'us-east-1a' ? refusal('capacity', 'InsufficientInstanceCapacity') : 'no',
    );
    const run = await sortie.submit();
    await sortie.until('done', finished(sortie, run));
    expect(asked.map(({ offer, at }) => [offer, at])).toEqual([
      ['m5.xlarge us-east-1a', 0],
      ['m5.xlarge us-east-1b', 0],
    ]);
    expect((await sortie.fleet()).unavailable).toMatchObject([
      { instance_type: 'm5.xlarge', zone: 'us-east-1a', code: 'InsufficientInstanceCapacity', times: 1 },
    ]);
    expect((await sortie.job(run)).past[0]?.submission).toBe(0);
    await expectSound(sortie);
  });

  it('everywhere for want of capacity, the job fails and names the code', async () => {
    const { sortie, asked } = whereEc2Answers(() => refusal('capacity', 'InsufficientInstanceCapacity'));
    const run = await sortie.submit();
    await sortie.until('over', finished(sortie, run));
    expect(asked).toHaveLength(4);
    expect((await sortie.job(run)).phase).toMatchObject({
      status: 'failed',
      reason: 'failed_to_start_due_to_no_capacity',
      message: expect.stringContaining('InsufficientInstanceCapacity'),
    });
    await expectSound(sortie);
  });

  it('for quota, the job waits, says why, and goes on when the hold is over', async () => {
    const { sortie, asked } = whereEc2Answers((_, count) =>
      count === 1 ? refusal('quota', 'VcpuLimitExceeded') : 'no',
    );
    const run = await sortie.submit();
    await sortie.pass(30 * SECOND);
    expect((await sortie.job(run)).phase).toMatchObject({
      kind: 'waiting',
      wait: { kind: 'quota', message: expect.stringContaining('VcpuLimitExceeded') },
    });
    await sortie.until('done', finished(sortie, run));
    expect(asked).toHaveLength(2);
    expect(asked[1]?.at).toBeGreaterThanOrEqual(MINUTE);
    await expectSound(sortie);
  });

  it('for good, the job fails with the code', async () => {
    const { sortie, asked } = whereEc2Answers(() => refusal('fatal', 'UnauthorizedOperation', 'not allowed'));
    const run = await sortie.submit();
    await sortie.until('over', finished(sortie, run));
    expect(asked).toHaveLength(1);
    expect((await sortie.job(run)).phase).toMatchObject({
      status: 'failed',
      reason: 'failed_to_start_due_to_no_capacity',
      message: 'UnauthorizedOperation: not allowed',
    });
    expect((await sortie.fleet()).reservations).toEqual([]);
    await expectSound(sortie);
  });

  it('by throttling, it is asked again with the same token, and not before its time', async () => {
    const { sortie, asked } = whereEc2Answers((_, count) =>
      count <= 3 ? { kind: 'throttled', code: 'RequestLimitExceeded' } : 'no',
    );
    const run = await sortie.submit();
    await sortie.until('done', finished(sortie, run));
    expect(asked).toHaveLength(4);
    expect(new Set(asked.map(({ token }) => token)).size).toBe(1);
    const waits = asked.slice(1).map(({ at }, n) => at - (asked[n]?.at ?? 0));
    expect(waits[0]).toBeGreaterThanOrEqual(1_000);
    expect(waits[1]).toBeGreaterThanOrEqual(2_500);
    expect(waits[2]).toBeGreaterThanOrEqual(4_750);
    expect(sortie.machines()).toHaveLength(1);
    await expectSound(sortie);
  });
});

describe('an instance that never becomes ready', () => {
  it('goes after ten minutes, its offering is avoided, and the job starts elsewhere under the next number', async () => {
    const sortie = inMemorySortie({ behaviour: { boot: null } });
    const run = await sortie.submit();
    await sortie.pass(9 * MINUTE);
    expect((await sortie.job(run)).phase).toMatchObject({ kind: 'assigned', attempt: { submission: 0 } });
    sortie.behaviour.boot = 20;
    await sortie.pass(3 * MINUTE);
    const [first, second] = sortie.machines();
    expect(first).toMatchObject({ state: 'terminated', intent: { offer: { zone: 'us-east-1a' } } });
    expect(second).toMatchObject({ state: 'running', intent: { offer: { zone: 'us-east-1b' } } });
    expect((await sortie.fleet()).unavailable).toMatchObject([{ zone: 'us-east-1a', code: 'NeverReady' }]);
    await sortie.until('done', finished(sortie, run));
    expect((await sortie.job(run)).past).toMatchObject([
      { submission: 0, status: 'failed', reason: 'waiting_runner_limit_exceeded', started_at: null },
      { submission: 1, status: 'done' },
    ]);
    await expectSound(sortie);
  });
});
