import { describe, expect, test } from 'vitest';
import { carriedOut, type FleetOrder, orderFleet } from '../../../domain/fleet/admission.ts';
import { reserve } from '../../../domain/fleet/decide.ts';
import type { FleetEvent } from '../../../domain/fleet/events.ts';
import { nextAction } from '../../../domain/fleet/next-action.ts';
import type { FleetState } from '../../../domain/fleet/state.ts';
import { Fleet } from '../../../domain/fleet/stream.ts';
import { MINUTE } from '../../../domain/kernel/instant.ts';
import { fold } from '../../../domain/kernel/stream.ts';
import { given, INSTANCE, JOB, offer, T0, types } from '../given.ts';

const created: FleetEvent = { type: 'FleetCreated', project: 'main', limits: { instances: 2 } };
const launch = { instance: INSTANCE, job: JOB, submission: 0, offer: offer() };
const open = () => given(Fleet, created, { type: 'LaunchReserved', ...launch });
const order = (kind: FleetOrder['kind'], reason: string | null = null) => ({
  kind,
  reason,
  by: 'user:alice',
});
const after = (fleet: FleetState, events: FleetEvent[], at = T0 + MINUTE) =>
  events.length ? (fold(Fleet, fleet, events, at) as FleetState) : fleet;
const told = (fleet: FleetState, ...orders: ReturnType<typeof order>[]) =>
  orders.reduce((state, one) => after(state, orderFleet(state, one)), fleet);
const done = (fleet: FleetState) => (fleet.order ? after(fleet, carriedOut(fleet, fleet.order)) : fleet);

test('a paused fleet launches nothing, and does again when it is resumed', () => {
  const another = { ...launch, submission: 1 };
  const paused = told(open(), order('pause'));
  expect(reserve(paused, another)).toEqual([]);
  expect(types(reserve(told(paused, order('resume')), another))).toEqual(['LaunchReserved']);
});

describe('an order to a fleet', () => {
  test.each(['pause', 'drain', 'terminate'] as const)('to %s given twice is recorded once', (kind) => {
    expect(orderFleet(told(open(), order(kind, 'so')), order(kind, 'so'))).toEqual([]);
    expect(orderFleet(done(told(open(), order(kind, 'so'))), order(kind, 'so'))).toEqual([]);
  });

  test('to resume is nothing to a fleet that is open', () => {
    expect(orderFleet(open(), order('resume'))).toEqual([]);
  });

  test('that asks for less than the one before it changes nothing, one that asks for more does', () => {
    const drained = told(open(), order('drain'));
    expect(orderFleet(drained, order('pause', 'else'))).toEqual([]);
    expect(types(orderFleet(drained, order('terminate')))).toEqual(['FleetTerminationRequested']);
  });

  test('is carried out for each instance that has a place, then it rests', () => {
    const drained = told(open(), order('drain'));
    expect(nextAction(drained, T0)).toMatchObject({
      kind: 'tell-instances',
      to: 'drain',
      instances: [INSTANCE],
    });
    expect(nextAction(done(drained), T0)).toEqual({ kind: 'rest' });
    expect(nextAction(told(open(), order('terminate')), T0)).toMatchObject({ to: 'kill' });
    expect(nextAction(told(open(), order('pause')), T0)).toMatchObject({ kind: 'tell-queue' });
    expect(nextAction(told(drained, order('resume')), T0)).toMatchObject({ kind: 'tell-queue' });
  });

  test('is looked after until it has been carried out', () => {
    const drained = told(open(), order('drain'));
    expect(Fleet.placement(drained, 'default').due).toBe(T0 + 2 * MINUTE);
    expect(Fleet.placement(done(drained), 'default').due).toBeUndefined();
  });

  test('carried out does not stand for the one that came after it', () => {
    const drained = told(open(), order('drain'));
    const ended = told(drained, order('terminate'));
    expect(drained.order && carriedOut(ended, drained.order)).toEqual([]);
  });
});
