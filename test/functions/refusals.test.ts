import { describe, expect, it } from 'vitest';
import type { LaunchIntent, LaunchOutcome } from '../../domain/instance/cloud.ts';
import { MINUTE, SECOND } from '../../domain/kernel/instant.ts';
import { T0 } from '../domain/given.ts';
import { inMemorySortie } from './in-memory-sortie.ts';
import { expectSound, finished } from './invariants.ts';
import { why } from './why-given.ts';

type Answer = Exclude<LaunchOutcome, { kind: 'launched' }>;

const refusal = (
  refusedAs: 'capacity' | 'quota' | 'network' | 'fatal' | 'unclassified',
  code: string,
  message = 'so it is',
): Answer => ({ kind: 'refused', refusal: { class: refusedAs, code, message } });

const ended = (ec2: string) => ({
  'detail-type': 'EC2 Instance State-change Notification' as const,
  detail: { 'instance-id': ec2, state: 'terminated' as const },
});

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

  it('for a reason that nobody knows the reach of, three other offers are tried, then the job fails with all named', async () => {
    const { sortie, asked } = whereEc2Answers(() =>
      refusal('unclassified', 'InvalidAMIID.NotFound', 'no image'),
    );
    const run = await sortie.submit();
    await sortie.until('over', finished(sortie, run));
    // A second zone says the same of a type: it is not asked for in a third.
    expect(asked.map(({ offer }) => offer)).toEqual([
      'm5.xlarge us-east-1a',
      'm5.xlarge us-east-1b',
      'm6i.xlarge us-east-1a',
      'm6i.xlarge us-east-1b',
    ]);
    const { phase } = await sortie.job(run);
    expect(phase).toMatchObject({ status: 'failed', reason: 'failed_to_start_due_to_no_capacity' });
    for (const { offer } of asked)
      expect(phase.kind === 'ended' && phase.message).toContain(
        `${offer.replace(' ', ' in ')} (on-demand): InvalidAMIID.NotFound`,
      );
    expect((await sortie.fleet()).types).toMatchObject([
      { instance_type: 'm5.xlarge', code: 'InvalidAMIID.NotFound' },
      { instance_type: 'm6i.xlarge', code: 'InvalidAMIID.NotFound' },
    ]);
    expect((await why(sortie, run)).cause.message).toContain('4 offers were refused');
    await expectSound(sortie);
  });

  it.each(['capacity', 'network', 'unclassified'] as const)(
    'with an error of class %s three times, the fourth offer serves',
    async (refusedAs) => {
      const { sortie, asked } = whereEc2Answers((_, count) =>
        count <= 3 ? refusal(refusedAs, 'InvalidInput') : 'no',
      );
      const run = await sortie.submit({ retry: { duration: '10m' } });
      await sortie.until('done', finished(sortie, run));
      expect(asked).toHaveLength(4);
      expect((await sortie.run(run)).phase).toMatchObject({ status: 'done' });
      await expectSound(sortie);
    },
  );

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

describe('when EC2 takes a launch back', () => {
  const kms = {
    class: 'unclassified' as const,
    code: 'Client.InternalError',
    message: 'Client error on launch',
  };
  const full = {
    class: 'capacity' as const,
    code: 'Server.InsufficientInstanceCapacity',
    message: 'There was insufficient capacity available to satisfy the launch request',
  };
  const ends = (sortie: ReturnType<typeof inMemorySortie>, why: typeof kms | typeof full) => {
    const machine = sortie.machines().at(-1);
    if (machine) sortie.world.end(machine.ec2, why);
  };
  const pending = (sortie: ReturnType<typeof inMemorySortie>, machines: number) => () =>
    sortie.machines().length === machines && sortie.machines().at(-1)?.state === 'pending';

  it('its reason is the refusal: of the offering, told by why, and no submission was used up', async () => {
    const sortie = inMemorySortie({ behaviour: { boot: 20 } });
    const run = await sortie.submit();
    await sortie.until('launched', pending(sortie, 1));
    ends(sortie, full);
    await sortie.until('the next is launched', pending(sortie, 2));
    expect((await sortie.fleet()).unavailable).toMatchObject([
      { instance_type: 'm5.xlarge', zone: 'us-east-1a', code: full.code },
    ]);
    const told = await why(sortie, run);
    expect(told.cause.message).toContain(full.code);
    expect(told.chain.map(({ what }) => what)).toContainEqual(expect.stringContaining(full.message));
    await sortie.until('done', finished(sortie, run));
    expect((await sortie.job(run)).past).toMatchObject([{ submission: 0, status: 'done' }]);
    await expectSound(sortie);
  });

  it('for want of quota, the family is held', async () => {
    const sortie = inMemorySortie({ behaviour: { boot: 20 } });
    const run = await sortie.submit();
    await sortie.until('launched', pending(sortie, 1));
    const ec2 = sortie.machines()[0]?.ec2 ?? '';
    sortie.world.end(ec2, { class: 'quota', code: 'Client.VolumeLimitExceeded', message: 'too many' });
    await sortie.observe(ended(ec2));
    await sortie.pass(20 * SECOND);
    expect((await sortie.job(run)).phase).toMatchObject({ kind: 'waiting', wait: { kind: 'quota' } });
    expect((await sortie.fleet()).quotas).toMatchObject([
      { family: 'all', code: 'Client.VolumeLimitExceeded' },
    ]);
    await sortie.until('done', finished(sortie, run));
    await expectSound(sortie);
  });

  it('each time, as with a KMS key that may not be used, the job fails with the reason instead of trying on', async () => {
    const sortie = inMemorySortie({ behaviour: { boot: 20 } });
    const run = await sortie.submit();
    for (let n = 1; n <= 4; n++) {
      await sortie.until(`launch ${n}`, pending(sortie, n));
      ends(sortie, kms);
    }
    await sortie.until('over', finished(sortie, run));
    expect((await sortie.job(run)).phase).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('Client.InternalError'),
    });
    expect(sortie.machines()).toHaveLength(4);
    expect((await sortie.fleet()).reservations).toEqual([]);
    await expectSound(sortie);
  });

  it.each(['told', 'lost'])('shows with the event of its end %s', async (event) => {
    const sortie = inMemorySortie({ behaviour: { boot: 20 } });
    const run = await sortie.submit();
    await sortie.until('launched', pending(sortie, 1));
    ends(sortie, full);
    if (event === 'told') {
      const at = sortie.clock.now();
      await sortie.observe(ended(sortie.machines()[0]?.ec2 ?? ''));
      await sortie.until('launched again', pending(sortie, 2));
      expect(sortie.clock.now()).toBe(at);
    }
    await sortie.until('done', finished(sortie, run));
    expect((await sortie.fleet()).unavailable).toMatchObject([{ code: full.code }]);
    await expectSound(sortie);
  });

  it('an event of an end that EC2 does not show yet proves nothing', async () => {
    const sortie = inMemorySortie({ behaviour: { boot: 20 } });
    const run = await sortie.submit();
    await sortie.until('launched', pending(sortie, 1));
    await sortie.observe(ended(sortie.machines()[0]?.ec2 ?? ''));
    await sortie.until('done', finished(sortie, run));
    expect(sortie.machines()).toHaveLength(1);
    await expectSound(sortie);
  });
});

it.each([
  [
    { class: 'boot' as const, code: 'Server.ScheduledStop', message: 'retired' },
    'EC2 stopped its instance: Server.ScheduledStop: retired',
  ],
  [null, 'its instance was stopped, not by Sortie'],
])('an instance that was stopped ends with its job, and EC2’s reason is told: %j', async (end, message) => {
  const sortie = inMemorySortie({ behaviour: { commands: null } });
  const run = await sortie.submit();
  await sortie.until('running', async () => (await sortie.job(run)).phase.kind === 'running');
  Object.assign(sortie.machines()[0] ?? {}, { state: 'stopped', end });
  await sortie.until('over', finished(sortie, run));
  expect((await sortie.job(run)).past).toMatchObject([{ reason: 'interrupted_by_no_capacity', message }]);
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
