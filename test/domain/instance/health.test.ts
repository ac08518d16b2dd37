import { describe, expect, it } from 'vitest';
import { checkFor, doubt, failedCheck, passedCheck } from '../../../domain/instance/health.ts';
import { isDrained, statusOf } from '../../../domain/instance/state.ts';
import { Instance } from '../../../domain/instance/stream.ts';
import { doubtOf, type RunnerExit } from '../../../domain/job/exit.ts';
import { fold } from '../../../domain/kernel/stream.ts';
import { given, T0, types } from '../given.ts';
import { busy, freed, idle, isReady, mine, requested, up } from './given.ts';

const asked = { checks: ['disk' as const], script: null, timeout: 30 };
const passed = () => fold(Instance, busy(), passedCheck(busy(), mine), T0) ?? busy();

describe('the health of an instance', () => {
  it('is not known at first, nor of one whose stream is older than checks', () => {
    expect(busy().health).toBe('unchecked');
    expect(checkFor(asked, busy())).toBe(asked);
    expect(checkFor(null, busy())).toBeNull();
  });

  it('is known once a job that has it says so, and is not checked again', () => {
    expect(types(passedCheck(busy(), mine))).toEqual(['HealthPassed']);
    expect(checkFor(asked, passed())).toBeNull();
    expect(passedCheck(passed(), mine)).toEqual([]);
    expect(passedCheck(idle(), mine)).toEqual([]);
    expect(passedCheck(busy(), { ...mine, submission: 1 })).toEqual([]);
  });

  it('is doubted when a job has failed there, where it was found well', () => {
    const events = doubt(passed(), mine, 'exit status 3');
    expect(events).toEqual([{ type: 'HealthDoubted', claim: mine, because: 'exit status 3' }]);
    const doubted = fold(Instance, passed(), events, T0) ?? busy();
    expect(checkFor(asked, doubted)).toBe(asked);
    expect(doubt(doubted, mine, 'exit status 3')).toEqual([]);
    expect(doubt(busy(), mine, 'exit status 3')).toEqual([]);
  });

  it('drains it when the check fails, with the output as the reason', () => {
    const events = failedCheck(busy(), mine, 'disk: full');
    expect(types(events)).toEqual(['HealthFailed', 'IdleBehaviorSet', 'InstanceReleased']);
    const failed = fold(Instance, busy(), events, T0) ?? busy();
    expect(failed).toMatchObject({
      health: 'failed',
      withheld: { behavior: 'drain', reason: 'disk: full', by: 'sortie' },
    });
    expect([statusOf(failed), isDrained(failed)]).toEqual(['idle', true]);
    expect(failedCheck(failed, mine, 'disk: full')).toEqual([]);
  });

  it('leaves an operator’s word to drain it as it is', () => {
    const drain = { type: 'IdleBehaviorSet', behavior: 'drain', reason: 'old', by: 'user:al' } as const;
    const state = given(Instance, requested, up, isReady, drain);
    expect(types(failedCheck(state, mine, 'disk: full'))).toEqual(['HealthFailed', 'InstanceReleased']);
  });

  it('is checked again when an operator puts a failed one back', () => {
    const run = { type: 'IdleBehaviorSet', behavior: 'run', reason: null, by: 'user:al' } as const;
    const failure = { type: 'HealthFailed', claim: mine, output: 'x' } as const;
    expect(checkFor(asked, given(Instance, requested, up, isReady, failure, freed, run))).toBe(asked);
  });
});

const exit = (cause: RunnerExit['cause'], status: number | null = null): RunnerExit => ({
  ...{ cause, status, signal: null, log_bytes: 0, message: null },
});

it.each([
  [exit('commands', 0), null],
  [exit('commands', 3), 'exit status 3'],
  [{ ...exit('commands'), signal: 'SIGKILL' }, 'SIGKILL'],
  [{ ...exit('setup'), message: 'no image' }, 'no image'],
  [exit('stopped', 143), null],
  [exit('max_duration', 143), null],
  [exit('health'), null],
])('an exit of %j speaks against its node: %j', (one, against) => {
  expect(doubtOf(one)).toBe(against);
});
