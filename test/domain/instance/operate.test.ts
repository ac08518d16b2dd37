import { describe, expect, test } from 'vitest';
import { claim, launched, ready, release } from '../../../domain/instance/decide.ts';
import type { InstanceEvent } from '../../../domain/instance/events.ts';
import { nextAction } from '../../../domain/instance/next-action.ts';
import { type InstanceOrder, operate } from '../../../domain/instance/operate.ts';
import { claimsOf, type InstanceState } from '../../../domain/instance/state.ts';
import { Instance } from '../../../domain/instance/stream.ts';
import { HOUR } from '../../../domain/kernel/instant.ts';
import { fold } from '../../../domain/kernel/stream.ts';
import { INSTANCE, JOB, T0, types } from '../given.ts';
import { booting, busy, idle, mine, pending, terminating } from './given.ts';

const order = (to: InstanceOrder['to'], reason: string | null = null): InstanceOrder => ({
  to,
  reason,
  by: 'user:alice',
});
function decided(instance: InstanceState, asked: InstanceOrder): InstanceEvent[] {
  const result = operate(instance, asked);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}
const after = (instance: InstanceState, events: InstanceEvent[], at = T0 + HOUR) =>
  fold(Instance, instance, events, at) as InstanceState;
const told = (instance: InstanceState, ...orders: InstanceOrder[]) =>
  orders.reduce((state, one) => after(state, decided(state, one)), instance);
const due = (instance: InstanceState) => Instance.placement(instance, INSTANCE).due;

describe('an instance on hold', () => {
  test('takes no job, and does not end for being idle', () => {
    const held = told(idle(), order('hold'));
    expect(claim(held, { job: JOB, submission: 1 })).toEqual([]);
    expect(nextAction(held, 'due', T0 + 100 * HOUR)).toEqual({ kind: 'rest' });
    expect(due(held)).toBeUndefined();
  });

  test('keeps its job', () => {
    const held = told(busy(), order('hold'));
    expect(nextAction(held, 'moved', T0)).toMatchObject({
      kind: 'ring-jobs',
      claims: [{ ...mine, blocks: [0] }],
    });
    expect(nextAction(after(held, release(held, mine)), 'moved', T0 + 100 * HOUR)).toEqual({ kind: 'rest' });
  });

  test('stays so for the reason that was given, said again without one', () => {
    const held = told(idle(), order('hold', 'its disk'));
    expect(decided(held, order('hold'))).toEqual([]);
    expect(types(decided(held, order('hold', 'its memory')))).toEqual(['IdleBehaviorSet']);
  });

  test('that runs again has its whole time of being idle before it', () => {
    const again = told(idle(), order('hold'), order('run'));
    expect(types(claim(again, { job: JOB, submission: 1 }))).toEqual(['InstanceClaimed']);
    expect(due(again)).toBe(T0 + HOUR + 300_000);
  });
});

describe('a drained instance', () => {
  test('that is idle ends, at once', () => {
    const drained = told(idle(), order('drain'));
    expect(claim(drained, { job: JOB, submission: 1 })).toEqual([]);
    expect(nextAction(drained, 'moved', T0 + HOUR)).toEqual({ kind: 'end-drained' });
    expect(due(drained)).toBe(T0 + HOUR);
  });

  test('ends when its job lets go, not before', () => {
    const drained = told(busy(), order('drain'));
    expect(nextAction(drained, 'moved', T0).kind).toBe('ring-jobs');
    expect(nextAction(after(drained, release(drained, mine)), 'moved', T0).kind).toBe('end-drained');
  });

  test('that boots serves the job it was launched for', () => {
    const drained = told(booting(), order('drain'));
    expect(nextAction(drained, 'moved', T0 + 2_000).kind).toBe('rest');
    const serves = after(drained, ready(drained));
    expect(serves.phase.kind).toBe('busy');
    expect(nextAction(after(serves, release(serves, mine)), 'moved', T0).kind).toBe('end-drained');
  });

  test('that boots for nobody any more is not waited for', () => {
    const drained = told(booting(), order('drain'));
    expect(nextAction(after(drained, release(drained, mine)), 'moved', T0 + 2_000).kind).toBe('end-drained');
  });
});

describe('a killed instance', () => {
  test.each([
    { what: 'booting', instance: booting },
    { what: 'busy', instance: busy },
    { what: 'idle', instance: idle },
  ])('that is $what ends, for the reason given', ({ instance }) => {
    const killed = told(instance(), order('kill', 'wrong image'));
    expect(killed.phase).toMatchObject({ kind: 'terminating', reason: 'ended_by_operator' });
    expect(killed.withheld).toMatchObject({ reason: 'wrong image', by: 'user:alice' });
  });

  test('whose launch is in flight loses its job, and ends when it is known what there is to end', () => {
    const killed = told(pending(), order('kill'));
    expect([killed.phase.kind, claimsOf(killed)]).toEqual(['requested', []]);
    const found = after(killed, launched(killed, 'i-1'));
    expect(nextAction(found, 'moved', T0).kind).toBe('end-drained');
  });
});

describe('an order', () => {
  test.each(['run', 'hold', 'drain', 'kill'] as const)('to %s given twice is recorded once', (to) => {
    for (const instance of [pending(), booting(), busy(), idle()])
      expect(decided(told(instance, order(to, 'so')), order(to, 'so'))).toEqual([]);
  });

  test('with another reason is news', () => {
    expect(types(decided(told(idle(), order('hold', 'a')), order('hold', 'b')))).toEqual(['IdleBehaviorSet']);
  });

  test('comes too late where the instance ends for another reason', () => {
    for (const to of ['run', 'hold', 'drain', 'kill'] as const)
      expect(operate(terminating(), order(to))).toEqual({
        ok: false,
        error: { kind: 'ended', why: 'idle_duration' },
      });
  });

  test('to run or to hold comes too late for one that was killed', () => {
    for (const instance of [idle(), pending()]) {
      const killed = told(instance, order('kill'));
      for (const to of ['run', 'hold'] as const)
        expect(operate(killed, order(to))).toEqual({
          ok: false,
          error: { kind: 'ended', why: 'ended_by_operator' },
        });
      expect(decided(killed, order('drain'))).toEqual([]);
    }
  });
});
