import { describe, expect, test } from 'vitest';
import { busyBlocks, claimOn, freeBlocks } from '../../../domain/instance/claims.ts';
import {
  abandon,
  claim,
  interrupted,
  isPastStartGrace,
  launched,
  ready,
  refused,
  release,
} from '../../../domain/instance/decide.ts';
import type { InstanceEvent } from '../../../domain/instance/events.ts';
import { nextAction } from '../../../domain/instance/next-action.ts';
import { claimsOf, type InstanceState } from '../../../domain/instance/state.ts';
import { Instance } from '../../../domain/instance/stream.ts';
import { jobId, runId } from '../../../domain/kernel/ids.ts';
import { MINUTE } from '../../../domain/kernel/instant.ts';
import { fold } from '../../../domain/kernel/stream.ts';
import { FLEET, given, offer, T0, types } from '../given.ts';

const of = (n: number) => ({ job: jobId(runId(String(n).padStart(26, '0')), 0), submission: 0 });
const requested: InstanceEvent = {
  type: 'InstanceRequested',
  fleet: FLEET,
  project: 'main',
  offer: offer(),
  claim: of(1),
  nonce: 'n',
  idle_duration: 300,
  tags: {},
};
const divided: InstanceEvent = { type: 'InstanceDivided', blocks: 4, claimed: [0] };
const up: InstanceEvent[] = [{ type: 'InstanceLaunched', ec2: 'i-1' }, { type: 'InstanceReady' }];
const after = (instance: InstanceState, events: InstanceEvent[], at = T0) =>
  fold(Instance, instance, events, at) as InstanceState;
const pending = () => given(Instance, requested, divided);
const busy = () => given(Instance, requested, divided, ...up);
/** With jobs 1, 2 and 3 on blocks 0, 1 and 2. */
const shared = () => [2, 3].reduce((instance, n) => after(instance, claim(instance, of(n), [n - 1])), busy());

describe('an instance of 4 blocks', () => {
  test('is claimed block by block, until none is left', () => {
    expect(freeBlocks(busy())).toEqual([1, 2, 3]);
    expect(claim(busy(), of(2), [1, 2])).toEqual([{ type: 'BlocksClaimed', claim: of(2), blocks: [1, 2] }]);
    const full = after(busy(), claim(busy(), of(2), [1, 2, 3]));
    expect([freeBlocks(full), busyBlocks(full)]).toEqual([[], 4]);
    expect(nextAction(full, 'moved', T0)).toMatchObject({ kind: 'ring-jobs', free: false });
  });

  test('gives its last block to the first of two who want it', () => {
    const one = after(busy(), claim(busy(), of(2), [1, 2]));
    const taken = after(one, claim(one, of(3), [3]));
    expect(claim(taken, of(4), [3])).toEqual([]);
    expect(claimOn(taken, of(3).job)).toMatchObject({ blocks: [3] });
  });

  test('gives nothing that it has not, nothing twice, and no job a second share', () => {
    for (const blocks of [[], [4], [1, 1], [0, 1]]) expect(claim(busy(), of(2), blocks)).toEqual([]);
    expect(claim(busy(), of(1), [1])).toEqual([]);
  });

  test('can be claimed while it is on its way, and all that have it start when it is ready', () => {
    const joined = after(pending(), claim(pending(), of(2), [1]));
    const booted = after(joined, launched(joined, 'i-1'));
    const isUp = after(booted, ready(booted), T0 + MINUTE);
    expect(nextAction(isUp, 'moved', T0)).toMatchObject({
      kind: 'ring-jobs',
      claims: [of(1), of(2)],
      free: true,
    });
    const gone = after(joined, refused(joined, { class: 'capacity', code: 'x', message: 'y' }));
    expect(claimsOf(gone)).toEqual([]);
  });

  test('is idle when the last job has left, not before', () => {
    const left = after(shared(), release(shared(), of(1)));
    const two = after(left, release(left, of(3)));
    expect([two.phase.kind, freeBlocks(two)]).toEqual(['busy', [0, 2, 3]]);
    expect(after(two, release(two, of(2))).phase.kind).toBe('idle');
  });

  test('that is taken back drains with all its jobs, and goes with the last', () => {
    const draining = after(shared(), interrupted(shared(), T0));
    expect(nextAction(draining, 'moved', T0)).toMatchObject({
      kind: 'interrupt-jobs',
      claims: [of(1), of(2), of(3)],
    });
    expect([freeBlocks(draining), claim(draining, of(4), [3])]).toEqual([[], []]);
    const last = [1, 2, 3].reduce((one, n) => after(one, release(one, of(n))), draining);
    expect(last.phase).toMatchObject({ kind: 'terminating', reason: 'spot_interruption' });
  });

  test('tells an operator how much of it is taken, and by whom', () => {
    expect(Instance.view(shared(), 'i')).toMatchObject({
      status: 'busy',
      busy_blocks: 3,
      total_blocks: 4,
      jobs: [of(1).job, of(2).job, of(3).job],
    });
  });

  test('is given by no operator to new jobs: those on it go on, and it ends with the last of them', () => {
    const set: InstanceEvent = { type: 'IdleBehaviorSet', behavior: 'drain', reason: null, by: 'user:a' };
    const drained = after(shared(), [set]);
    expect(freeBlocks(drained)).toEqual([]);
    const last = [1, 2, 3].reduce((one, n) => after(one, release(one, of(n))), drained);
    expect(nextAction(last, 'moved', T0).kind).toBe('end-drained');
  });
});

describe('a job that comes to grief', () => {
  const end = { reason: 'runner_lost' as const, message: 'the runner died' };

  test('takes the instance with it where it is alone', () => {
    expect(types(abandon(busy(), of(1), end))).toEqual(['TerminationRequested']);
  });

  test('leaves those beside it alone: the instance takes no other job, and ends with the last', () => {
    const events = abandon(shared(), of(1), end);
    expect(types(events)).toEqual(['IdleBehaviorSet', 'InstanceReleased']);
    const left = after(shared(), events);
    expect([left.phase.kind, freeBlocks(left)]).toEqual(['busy', []]);
    expect(types(abandon(left, of(2), end))).toEqual(['InstanceReleased']);
  });

  test('has the time of its own claim to start, not of the instance', () => {
    const late = after(busy(), claim(busy(), of(2), [1]), T0 + 60 * MINUTE);
    expect(isPastStartGrace(late, of(2).job, T0 + 61 * MINUTE)).toBe(false);
    expect(isPastStartGrace(late, of(2).job, T0 + 65 * MINUTE)).toBe(true);
    expect(isPastStartGrace(late, of(1).job, T0 + 61 * MINUTE)).toBe(true);
  });
});

test('an instance that is not cut is one job’s at a time, as before', () => {
  const whole = given(Instance, requested, ...up);
  expect([freeBlocks(whole), claim(whole, of(2))]).toEqual([[], []]);
  const idle = after(whole, release(whole, of(1)));
  expect(claim(idle, of(2))).toEqual([{ type: 'InstanceClaimed', claim: of(2) }]);
});

test('no more than 20 jobs are on one instance: all of them are told in one append when it is lost', () => {
  const cut: InstanceEvent = { type: 'InstanceDivided', blocks: 96, claimed: [0] };
  let instance = given(Instance, requested, cut, ...up);
  for (let n = 2; freeBlocks(instance).length > 0; n++)
    instance = after(instance, claim(instance, of(n), [n - 1]));
  expect(claimsOf(instance)).toHaveLength(20);
});
