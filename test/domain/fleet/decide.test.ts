import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ensure, giveBack, quotaReached, reserve, room, unavailable } from '../../../domain/fleet/decide.ts';
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

describe('what EC2 refused', () => {
  test('is remembered for 3 minutes, then longer each time, 30 at most', () => {
    let fleet = given(Fleet, created());
    const minutes = Array.from({ length: 8 }, () => {
      fleet = after(fleet, unavailable(fleet, offer(), 'InsufficientInstanceCapacity', T0));
      return ((fleet.unavailable[0]?.until ?? 0) - T0) / 60_000;
    });
    expect(minutes.slice(0, 3)).toEqual([3, 4.5, 6.75]);
    expect(minutes.at(-1)).toBe(30);
    expect(fleet.unavailable).toHaveLength(1);
  });

  test('is forgotten after a quarter of an hour without a repeat', () => {
    const once = after(given(Fleet, created()), unavailable(given(Fleet, created()), offer(), 'c', T0));
    const elsewhere = offer({ zone: 'us-east-1b' });
    const later = after(once, unavailable(once, elsewhere, 'c', T0 + 3_600_000), T0 + 3_600_000);
    expect(later.unavailable.map(({ zone }) => zone)).toEqual(['us-east-1b']);
  });

  test('for want of quota holds the family on that market', () => {
    const [event] = quotaReached(offer({ instance_type: 'g5.xlarge' }), 'VcpuLimitExceeded', T0);
    expect(event).toMatchObject({ family: 'g-and-vt', spot: 'on-demand', vcpus: 2, until: T0 + 60_000 });
  });
});

test('a fleet comes into being once, and follows its limits', () => {
  expect(types(ensure(undefined, 'main', { instances: 2 }))).toEqual(['FleetCreated']);
  expect(ensure(given(Fleet, created(2)), 'main', { instances: 2 })).toEqual([]);
  expect(types(ensure(given(Fleet, created(2)), 'main', { instances: 3 }))).toEqual(['FleetLimitsChanged']);
});
