import { describe, expect, test } from 'vitest';
import { assign, refused, requestStop, unplaceable } from '../../../domain/job/decide.ts';
import { endingOf } from '../../../domain/job/exit.ts';
import { nextAction } from '../../../domain/job/next-action.ts';
import { backOffOver, SUBMISSION_LIMIT } from '../../../domain/job/retry.ts';
import { Job } from '../../../domain/job/stream.ts';
import { detail, progressOf } from '../../../domain/job/view.ts';
import { HOUR, MINUTE, SECOND } from '../../../domain/kernel/instant.ts';
import { bundle, INSTANCE, JOB, offer, T0, types } from '../given.ts';
import { every, exit, type On, policy, type Story, story } from './story.ts';

describe('a job is tried again', () => {
  test.each<{ event: On[number]; end: (it: Story) => void }>([
    { event: 'error', end: (it) => it.exits(3) },
    { event: 'interruption', end: (it) => it.vanishes() },
  ])('after $event, where its policy names it, and only then', ({ event, end }) => {
    for (const named of every) {
      const it = story(policy([named]));
      it.begin();
      end(it);
      expect(it.job().phase.kind).toBe(named === event ? 'backing_off' : 'ended');
    }
  });

  test('as a new submission, with the one before in its past', () => {
    const it = story(policy(['error']));
    it.begin();
    it.exits(3);
    expect(it.exits(3)).toEqual([]);
    it.backOff();
    it.begin();
    it.exits(0);
    expect(it.job().phase).toMatchObject({ kind: 'ended', status: 'done' });
    expect(it.job().past).toMatchObject([
      { submission: 0, status: 'failed', reason: 'container_exited_with_error', exit_status: 3 },
      { submission: 1, status: 'done' },
    ]);
  });

  test('without a policy never', () => {
    const it = story();
    it.begin();
    expect(types(it.exits(3))).toEqual(['SubmissionEnded', 'JobEnded']);
  });

  test('for no capacity under the same number, since no submission was made, and with all offers before it', () => {
    const it = story(policy(['no-capacity']));
    const refusal = { class: 'capacity' as const, code: 'InsufficientInstanceCapacity', message: 'none' };
    it.on(assign(it.job(), INSTANCE, offer(), bundle));
    it.on(refused(it.job(), INSTANCE, offer(), refusal, it.now()));
    it.finds('no_capacity');
    expect(it.job()).toMatchObject({ submission: 0, refusals: [], phase: { kind: 'backing_off' } });
  });

  test('not where no offer ever fits: waiting would not help', () => {
    const it = story(policy(every));
    it.finds('never_fits');
    expect(it.job().phase).toMatchObject({ kind: 'ended', status: 'failed', message: 'none left' });
  });

  test('not after a launch that the cloud refuses for good', () => {
    const it = story(policy(every));
    it.on(assign(it.job(), INSTANCE, offer(), bundle));
    const fatal = { class: 'fatal' as const, code: 'UnauthorizedOperation', message: 'no' };
    it.on(refused(it.job(), INSTANCE, offer(), fatal, it.now()));
    expect(it.job().phase).toMatchObject({ kind: 'ended', message: 'UnauthorizedOperation: no' });
  });

  test('not after max_duration', () => {
    const it = story(policy(every));
    it.begin();
    it.ends(endingOf(it.job(), { ...exit(143), cause: 'max_duration' }));
    expect(it.job().phase).toMatchObject({ kind: 'ended', reason: 'max_duration_exceeded' });
  });
});

describe('a stop by the user', () => {
  const stop = (it: Story) => it.on(requestStop(it.job(), 'graceful', 'terminated_by_user'));

  test('ends a job that backs off', () => {
    const it = story(policy(every));
    it.begin();
    it.exits(1);
    expect(types(stop(it))).toEqual(['JobEnded']);
    expect(it.job().phase).toMatchObject({ status: 'terminated', reason: 'terminated_by_user' });
  });

  test('of a job that is being interrupted is the last word: it is not tried again', () => {
    const it = story(policy(every));
    it.begin();
    it.on(requestStop(it.job(), 'graceful', 'interrupted_by_no_capacity'));
    expect(types(stop(it))).toEqual(['StopRequested']);
    expect(stop(it)).toEqual([]);
    it.ends(endingOf(it.job(), { ...exit(143), cause: 'stopped' }));
    expect(it.job().phase).toMatchObject({ status: 'terminated', reason: 'terminated_by_user' });
  });

  test('an interruption does not make it one of the cloud', () => {
    const it = story(policy(every));
    it.begin();
    stop(it);
    expect(it.on(requestStop(it.job(), 'graceful', 'interrupted_by_no_capacity'))).toEqual([]);
    it.vanishes();
    expect(it.job().phase).toMatchObject({ status: 'terminated', reason: 'terminated_by_user' });
  });
});

describe('the wait', () => {
  test('grows from 15 s to 10 min, twice as long each time in a row', () => {
    const it = story(policy(['error'], 24 * 3600));
    const waits = Array.from({ length: 8 }, () => {
      it.begin();
      it.exits(1);
      return it.backOff();
    });
    expect(waits).toEqual([15, 30, 60, 120, 240, 480, 600, 600]);
  });

  test('is short again after a submission that ran for 10 min', () => {
    const it = story(policy(['interruption']));
    for (const ran of [MINUTE, MINUTE, 10 * MINUTE]) {
      it.begin();
      it.wait(ran);
      it.vanishes();
      if (ran === MINUTE) it.backOff();
    }
    expect(it.backOff()).toBe(15);
  });

  test('is in no queue, is told as the reason, and ends on time', () => {
    const it = story(policy(['error']));
    it.begin();
    it.exits(3);
    const until = it.now() + 15 * SECOND;
    const message = 'tries again at 2026-11-20T12:00:15.000Z after exit status 3';
    expect(Job.placement(it.job(), JOB)).toEqual({ due: until });
    expect(progressOf(it.job())).toMatchObject({ status: 'submitted', submission: 1, message });
    expect(detail(it.job()).waiting_for).toEqual({ kind: 'retry', message });
    expect(nextAction(it.job(), 'due', until - 1)).toEqual({ kind: 'rest' });
    expect(nextAction(it.job(), 'moved', until)).toEqual({ kind: 'requeue' });
    expect(backOffOver(it.job(), until - 1)).toEqual([]);
    it.backOff();
    expect(backOffOver(it.job(), until)).toEqual([]);
    expect(Job.placement(it.job(), JOB).work?.key).toBe('queue#default');
  });

  test('no instance is assigned during it', () => {
    const it = story(policy(['error']));
    it.begin();
    it.exits(3);
    expect(assign(it.job(), INSTANCE, offer(), bundle)).toEqual([]);
    expect(unplaceable(it.job(), { why: 'no_capacity', message: 'none' }, it.now())).toEqual([]);
  });
});

describe('the duration', () => {
  test('is the age of the run while it has never had an instance', () => {
    const it = story(policy(['no-capacity'], 3600));
    it.wait(59 * MINUTE);
    it.finds('no_capacity');
    it.wait(50 * SECOND);
    it.backOff();
    expect(it.now()).toBe(T0 + 59 * MINUTE + 15 * SECOND);
    it.finds('no_capacity');
    expect(it.backOff()).toBe(30);
    it.finds('no_capacity');
    expect(it.backOff()).toBe(15);
    it.finds('no_capacity');
    expect(it.now()).toBe(T0 + HOUR);
    expect(it.job().phase).toMatchObject({ message: 'none left; given up after 3 retries in 1h' });
  });

  test('begins with the first of the failures in a row, so that what always fails ends', () => {
    const it = story(policy(['error'], 600));
    it.wait(5 * HOUR);
    for (;;) {
      it.begin();
      it.wait(SECOND);
      it.exits(3);
      if (it.job().phase.kind === 'ended') break;
      it.backOff();
    }
    expect(it.now()).toBe(T0 + 5 * HOUR + SECOND + 10 * MINUTE + SECOND);
    expect(it.job().phase).toMatchObject({
      status: 'failed',
      reason: 'container_exited_with_error',
      message: 'exit status 3; given up after 6 retries in 10m',
    });
  });

  test('begins anew with each interruption of a job that gets on', () => {
    const it = story(policy(['interruption'], 600));
    for (let n = 0; n < 20; n++) {
      it.begin();
      it.wait(2 * HOUR);
      it.vanishes();
      expect(it.backOff()).toBe(15);
    }
  });

  test('of waiting for capacity after an interruption counts from the interruption', () => {
    const it = story(policy(['interruption', 'no-capacity'], 60));
    it.wait(HOUR);
    it.begin();
    it.vanishes();
    it.backOff();
    it.finds('no_capacity');
    expect(it.backOff()).toBe(15);
    it.finds('no_capacity');
    expect(it.backOff()).toBe(30);
    it.finds('no_capacity');
    expect(it.job().phase).toMatchObject({ kind: 'ended', status: 'failed' });
  });

  test(`never lasts for more than ${SUBMISSION_LIMIT} submissions`, () => {
    const it = story(policy(['error'], 365 * 86_400));
    while (it.job().phase.kind !== 'ended') {
      it.begin();
      it.wait(HOUR);
      it.exits(it.job().submission === 199 ? 4 : 3);
      if (it.job().phase.kind === 'backing_off') it.backOff();
    }
    expect(it.job().past).toHaveLength(SUBMISSION_LIMIT);
    expect(it.job().phase).toMatchObject({
      message: 'none of 200 submissions succeeded: exit status 3 (9 times), exit status 4',
    });
  });
});
