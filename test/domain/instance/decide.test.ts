import { describe, expect, test } from 'vitest';
import {
  claim,
  deferred,
  gone,
  interrupted,
  launched,
  MISSED_GRACE,
  missed,
  ready,
  refused,
  release,
  sighted,
  terminate,
  throttled,
} from '../../../domain/instance/decide.ts';
import type { InstanceEvent } from '../../../domain/instance/events.ts';
import { nextAction } from '../../../domain/instance/next-action.ts';
import { bootDeadline, type InstanceState } from '../../../domain/instance/state.ts';
import { Instance } from '../../../domain/instance/stream.ts';
import { MINUTE } from '../../../domain/kernel/instant.ts';
import { fold } from '../../../domain/kernel/stream.ts';
import { given, INSTANCE, JOB, T0, types } from '../given.ts';
import { booting, busy, freed, idle, isReady, mine, pending, requested, terminating, up } from './given.ts';

const other = { job: JOB, submission: 1 };

const after = (instance: InstanceState, events: InstanceEvent[], at = T0) =>
  fold(Instance, instance, events, at) as InstanceState;

describe('claims', () => {
  test('only an idle instance takes one', () => {
    expect(types(claim(idle(), other))).toEqual(['InstanceClaimed']);
    for (const instance of [pending(), booting(), busy(), terminating()])
      expect(claim(instance, other)).toEqual([]);
  });

  test('only its holder gives it back', () => {
    expect(release(busy(), other)).toEqual([]);
    expect(after(busy(), release(busy(), mine)).phase.kind).toBe('idle');
    expect(release(idle(), mine)).toEqual([]);
  });

  test('given back on the way up, the instance comes up idle', () => {
    const unclaimed = after(booting(), release(booting(), mine));
    expect(after(unclaimed, ready(unclaimed)).phase.kind).toBe('idle');
  });
});

describe('a launch', () => {
  test('is recorded once, whatever its outcome', () => {
    expect(types(launched(pending(), 'i-1'))).toEqual(['InstanceLaunched']);
    expect(launched(booting(), 'i-1')).toEqual([]);
    expect(refused(booting(), { class: 'capacity', code: 'x', message: 'y' })).toEqual([]);
  });

  test('is made by whoever reserved it, and by nobody whom a doorbell tells of it', () => {
    expect(nextAction(pending(), 'moved', T0)).toEqual({ kind: 'rest' });
    expect(nextAction(pending(), 'due', T0)).toEqual({ kind: 'launch' });
  });

  test('throttled waits for the time that its fleet was told', () => {
    const until = T0 + 60_000;
    const instance = after(pending(), throttled(pending(), 'RequestLimitExceeded', until));
    expect(throttled(instance, 'RequestLimitExceeded', until)).toEqual([]);
    expect(nextAction(instance, 'moved', T0 + 59_999)).toEqual({ kind: 'rest' });
    expect(nextAction(instance, 'due', until)).toEqual({ kind: 'launch' });
    expect(Instance.placement(instance, INSTANCE).due).toBe(until);
  });

  test('that takes what EC2 does not know yet is asked for again, for two minutes', () => {
    const unknown = { code: 'InvalidParameterValue', message: 'Invalid IAM Instance Profile name' };
    const instance = after(pending(), deferred(pending(), unknown, T0));
    expect(instance.phase).toMatchObject({ inconsistent_since: T0, retry_at: T0 + 15_000 });
    const again = after(instance, deferred(instance, unknown, T0 + 119_999), T0 + 119_999);
    expect(again.phase).toMatchObject({ inconsistent_since: T0 });
    expect(deferred(again, unknown, T0 + 120_000)).toEqual([]);
    expect(deferred(booting(), unknown, T0)).toEqual([]);
  });

  test('that never comes up is given up at the deadline, not before', () => {
    const at = T0 + 1_000 + bootDeadline('m5.large');
    expect([bootDeadline('m5.large'), bootDeadline('c5.metal'), bootDeadline('m7i.metal-24xl')]).toEqual([
      10 * MINUTE,
      30 * MINUTE,
      30 * MINUTE,
    ]);
    expect(nextAction(booting(), 'due', at - 1)).toEqual({ kind: 'look-at-boot', ec2: 'i-1' });
    expect(nextAction(booting(), 'due', at)).toEqual({ kind: 'give-up-boot' });
  });
});

describe('an end', () => {
  test('for being idle comes at idle_duration', () => {
    const since = T0 + 3_000;
    expect(nextAction(idle(), 'due', since + 299_999).kind).toBe('offer-to-queue');
    expect(nextAction(idle(), 'due', since + 300_000).kind).toBe('end-idle');
  });

  test('never comes without an idle_duration', () => {
    const kept = given(Instance, { ...requested, idle_duration: null }, up, isReady, freed);
    expect(Instance.placement(kept, INSTANCE).due).toBeUndefined();
    expect(nextAction(kept, 'due', T0 + 1e12).kind).toBe('offer-to-queue');
  });

  test('is asked for once, and its reason outlives it', () => {
    expect(terminate(terminating(), 'made_room')).toEqual([]);
    expect(after(terminating(), gone(terminating(), 'vanished')).phase).toMatchObject({
      reason: 'idle_duration',
    });
  });

  test('of a launch in flight waits for its outcome', () => {
    expect(terminate(pending(), 'aborted_by_user')).toEqual([]);
  });
});

describe('missing from the listing', () => {
  test('once proves nothing; three times over the grace and once more after it is the end', () => {
    const once = after(busy(), missed(busy(), T0), T0);
    expect(missed(once, T0 + MISSED_GRACE / 3 - 1)).toEqual([]);
    const twice = after(once, missed(once, T0 + MINUTE * 2), T0 + MINUTE * 2);
    expect(missed(twice, T0 + MINUTE * 3)).toEqual([]);
    const thrice = after(twice, missed(twice, T0 + MINUTE * 4), T0 + MINUTE * 4);
    expect(missed(thrice, T0 + MISSED_GRACE - 1)).toEqual([]);
    expect(types(missed(thrice, T0 + MISSED_GRACE))).toEqual(['InstanceTerminated']);
  });

  test('twice proves nothing either, however far apart: all looks between may have failed', () => {
    const once = after(busy(), missed(busy(), T0), T0);
    expect(types(missed(once, T0 + 10 * MISSED_GRACE))).toEqual(['InstanceMissed']);
  });

  test('and seen again is forgotten', () => {
    const once = after(busy(), missed(busy(), T0), T0);
    const again = after(once, sighted(once));
    expect(types(missed(again, T0 + 10 * MISSED_GRACE))).toEqual(['InstanceMissed']);
  });
});

test('an interrupted instance drains: it takes no other job, and goes when its job lets go', () => {
  const draining = after(busy(), interrupted(busy(), T0));
  expect(claim(draining, other)).toEqual([]);
  expect(after(draining, release(draining, mine)).phase).toMatchObject({
    kind: 'terminating',
    reason: 'spot_interruption',
  });
});
