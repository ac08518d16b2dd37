import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ensure, giveBack, reserve, room } from '../../../domain/fleet/decide.ts';
import type { FleetEvent } from '../../../domain/fleet/events.ts';
import type { FleetState } from '../../../domain/fleet/state.ts';
import { Fleet } from '../../../domain/fleet/stream.ts';
import { instanceId, jobId } from '../../../domain/kernel/ids.ts';
import { fold } from '../../../domain/kernel/stream.ts';
import { given, offer, RUN, T0, types } from '../given.ts';

const created = (instances = 2): FleetEvent => ({
  type: 'FleetCreated',
  project: 'main',
  limits: { instances },
});
const launch = (n: number) => ({
  instance: instanceId(String(n).padStart(26, '0')),
  job: jobId(RUN, n),
  submission: 0,
  offer: offer(),
});
const after = (fleet: FleetState, events: FleetEvent[], at = T0) =>
  events.length ? (fold(Fleet, fleet, events, at) as FleetState) : fleet;

describe('reservations', () => {
  test('never exceed the limit, whatever is reserved and given back', () => {
    const step = fc.record({
      kind: fc.constantFrom('reserve', 'give-back'),
      n: fc.integer({ min: 0, max: 9 }),
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(step, { maxLength: 60 }), (limit, steps) => {
        let fleet = given(Fleet, created(limit));
        for (const { kind, n } of steps) {
          fleet = after(
            fleet,
            kind === 'reserve' ? reserve(fleet, launch(n)) : giveBack(fleet, launch(n).instance),
          );
          expect(fleet.reservations.length).toBeLessThanOrEqual(limit);
          expect(room(fleet)).toBe(limit - fleet.reservations.length);
        }
      }),
    );
  });

  test('a submission takes one place', () => {
    const fleet = after(given(Fleet, created()), reserve(given(Fleet, created()), launch(1)));
    expect(reserve(fleet, { ...launch(2), job: launch(1).job })).toEqual([]);
  });
});

test('a fleet comes into being once, and follows its limits', () => {
  expect(types(ensure(undefined, 'main', { instances: 2 }))).toEqual(['FleetCreated']);
  expect(ensure(given(Fleet, created(2)), 'main', { instances: 2 })).toEqual([]);
  expect(types(ensure(given(Fleet, created(2)), 'main', { instances: 3 }))).toEqual(['FleetLimitsChanged']);
});
