import { describe, expect, test } from 'vitest';
import type { FleetEvent } from '../../../domain/fleet/events.ts';
import { quotaHolds, throttleOf } from '../../../domain/fleet/holds.ts';
import { type FleetMemory, memoryOf } from '../../../domain/fleet/memory.ts';
import {
  launchesThrottled,
  launchSucceeded,
  lesson,
  quotaExhausted,
  unavailable,
  zoneUnavailable,
} from '../../../domain/fleet/refusals.ts';
import type { FleetState } from '../../../domain/fleet/state.ts';
import { Fleet } from '../../../domain/fleet/stream.ts';
import { instanceId, jobId } from '../../../domain/kernel/ids.ts';
import { MINUTE, SECOND } from '../../../domain/kernel/instant.ts';
import { fold } from '../../../domain/kernel/stream.ts';
import { given, offer, RUN, T0 } from '../given.ts';

const launched = (n: number, terms = offer()): FleetEvent => ({
  type: 'LaunchReserved',
  instance: instanceId(String(n).padStart(26, '0')),
  job: jobId(RUN, n),
  submission: 0,
  offer: terms,
});
const ended = (n: number): FleetEvent => ({
  type: 'ReservationReleased',
  instance: instanceId(String(n).padStart(26, '0')),
});
const fleetWith = (...events: FleetEvent[]) =>
  given(Fleet, { type: 'FleetCreated', project: 'main', limits: { instances: 20 } }, ...events);
const after = (fleet: FleetState, events: FleetEvent[], at = T0) =>
  fold(Fleet, fleet, events, at) as FleetState;

describe('an offer without capacity', () => {
  test('is remembered for 3 minutes, then longer each time, 30 at most', () => {
    let fleet = fleetWith();
    const minutes = Array.from({ length: 8 }, () => {
      fleet = after(fleet, unavailable(fleet, offer(), 'InsufficientInstanceCapacity', T0));
      return ((fleet.unavailable[0]?.until ?? 0) - T0) / MINUTE;
    });
    expect(minutes.slice(0, 3)).toEqual([3, 4.5, 6.75]);
    expect(minutes.at(-1)).toBe(30);
    expect(fleet.unavailable).toHaveLength(1);
  });

  test('is forgotten after a quarter of an hour without a repeat', () => {
    const once = after(fleetWith(), unavailable(fleetWith(), offer(), 'c', T0));
    const later = T0 + 60 * MINUTE;
    const elsewhere = after(once, unavailable(once, offer({ zone: 'us-east-1b' }), 'c', later), later);
    expect(elsewhere.unavailable.map(({ zone }) => zone)).toEqual(['us-east-1b']);
    expect(unavailable(once, offer(), 'c', later)).toMatchObject([{ until: later + 3 * MINUTE }]);
  });

  test('counts from the start again once a launch of it has succeeded, but not by one that was under way', () => {
    const refused = after(fleetWith(), unavailable(fleetWith(), offer(), 'c', T0));
    expect(launchSucceeded(refused, offer(), T0 + MINUTE)).toEqual([]);
    const later = T0 + 4 * MINUTE;
    const succeeded = after(refused, launchSucceeded(refused, offer(), later), later);
    expect(succeeded.unavailable).toEqual([]);
    expect(launchSucceeded(succeeded, offer(), later)).toEqual([]);
  });

  test('stays in memory where it launched but never was ready', () => {
    const refused = after(fleetWith(), unavailable(fleetWith(), offer(), 'NeverReady', T0));
    expect(launchSucceeded(refused, offer(), T0 + 4 * MINUTE)).toEqual([]);
  });
});

test('a subnet without addresses is remembered for its zone, not for the type', () => {
  const refusal = { class: 'network' as const, code: 'InsufficientFreeAddressesInSubnet', message: 'none' };
  const fleet = after(fleetWith(), lesson(fleetWith(), [], offer(), refusal, T0));
  expect(fleet.unavailable).toEqual([]);
  expect(fleet.zones).toEqual([
    {
      zone: 'us-east-1a',
      code: 'InsufficientFreeAddressesInSubnet',
      until: T0 + 3 * MINUTE,
      times: 1,
    },
  ]);
  expect(zoneUnavailable(fleet, 'us-east-1a', 'c', T0)).toMatchObject([{ until: T0 + 4.5 * MINUTE }]);
});

describe('a throttle', () => {
  test('lasts 1, 2.5, 4.75 … 60 s while it repeats', () => {
    let [fleet, now] = [fleetWith(), T0];
    const waits = Array.from({ length: 12 }, () => {
      fleet = after(fleet, launchesThrottled(fleet, 'RequestLimitExceeded', now), now);
      const wait = (fleet.throttle?.until ?? 0) - now;
      now += wait;
      return wait / SECOND;
    });
    expect(waits.slice(0, 3)).toEqual([1, 2.5, 4.75]);
    expect(waits.at(-1)).toBe(60);
  });

  test('is one for all the launches that were under way together', () => {
    const fleet = after(fleetWith(), launchesThrottled(fleetWith(), 'RequestLimitExceeded', T0));
    expect(launchesThrottled(fleet, 'RequestLimitExceeded', T0 + 999)).toEqual([]);
  });

  test('counts from the start again after a success', () => {
    const throttled = after(fleetWith(), launchesThrottled(fleetWith(), 'c', T0));
    expect(launchSucceeded(throttled, offer(), T0 + 500)).toEqual([]);
    const succeeded = after(throttled, launchSucceeded(throttled, offer(), T0 + SECOND), T0 + SECOND);
    expect(launchesThrottled(succeeded, 'c', T0 + SECOND)).toMatchObject([{ until: T0 + 2 * SECOND }]);
  });

  test('of any fleet holds for all, the last one longest', () => {
    const memories = [T0 - 1, T0 + 5, T0 + 3].map((until) => ({ throttle: { code: 'c', until, times: 1 } }));
    expect(throttleOf(memories, T0)?.until).toBe(T0 + 5);
    expect(throttleOf(memories, T0 + 5)).toBeNull();
  });
});

describe('a quota', () => {
  const fiveOf = (spot: 'spot' | 'on-demand' = 'on-demand') =>
    fleetWith(...[1, 2, 3, 4, 5].map((n) => launched(n, offer({ spot }))));
  const refusedAt = (fleet: FleetState, code = 'VcpuLimitExceeded', others: FleetMemory[] = []) =>
    after(fleet, quotaExhausted(fleet, others, offer(), code, T0));
  const holds = (fleet: FleetState, now = T0 + 1, ...others: FleetMemory[]) =>
    quotaHolds([memoryOf(fleet), ...others], now);

  test('tells what was in use', () => {
    expect(quotaExhausted(fiveOf(), [], offer(), 'VcpuLimitExceeded', T0)).toEqual([
      {
        type: 'QuotaExhausted',
        family: 'standard',
        spot: 'on-demand',
        vcpus: 2,
        in_use: { instances: 5, vcpus: 10 },
        code: 'VcpuLimitExceeded',
        until: T0 + 30 * MINUTE,
      },
    ]);
  });

  test('holds everything of its family and market while as much is in use', () => {
    expect(holds(refusedAt(fiveOf()))).toMatchObject([{ family: 'standard', spot: 'on-demand', vcpus: 0 }]);
    const grown = after(refusedAt(fiveOf()), [launched(6)]);
    expect(holds(grown)).toMatchObject([{ vcpus: 0 }]);
  });

  test('lets go as much as has ended: less than was refused in all', () => {
    const oneGone = after(refusedAt(fiveOf()), [ended(3)]);
    expect(holds(oneGone)).toMatchObject([{ vcpus: 4 }]);
    expect(holds(after(oneGone, [launched(7)]))).toMatchObject([{ vcpus: 0 }]);
  });

  test('that counts instances is free when one has ended', () => {
    expect(holds(after(refusedAt(fiveOf(), 'InstanceLimitExceeded'), [ended(1)]))).toEqual([]);
  });

  test('is not freed by the refused launch itself, nor by its like that are refused after it', () => {
    const six = after(fiveOf(), [launched(6), launched(7)]);
    const refuse = (fleet: FleetState, n: number) => {
      const without = after(fleet, [ended(n)]);
      return refusedAt(without);
    };
    const once = refuse(six, 6);
    expect(holds(once)).toMatchObject([{ vcpus: 0 }]);
    const twice = refuse(once, 7);
    expect(twice.quotas).toMatchObject([{ in_use: { instances: 5 } }]);
    expect(holds(twice)).toMatchObject([{ vcpus: 0 }]);
  });

  test('is held for a minute where the fleets have nothing of it that could end', () => {
    const none = refusedAt(fiveOf('spot'));
    expect(none.quotas).toMatchObject([{ until: T0 + MINUTE, in_use: { instances: 0 } }]);
    expect(holds(none)).toHaveLength(1);
    expect(holds(none, T0 + MINUTE)).toEqual([]);
  });

  test('is of the account: what other fleets have counts, and what ends there makes room', () => {
    const other = fiveOf();
    const fleet = refusedAt(fleetWith(launched(9)), 'VcpuLimitExceeded', [memoryOf(other)]);
    expect(fleet.quotas).toMatchObject([{ in_use: { instances: 6, vcpus: 12 } }]);
    expect(holds(fleet, T0 + 1, memoryOf(other))).toMatchObject([{ vcpus: 0 }]);
    expect(holds(fleet, T0 + 1, memoryOf(after(other, [ended(1)])))).toMatchObject([{ vcpus: 4 }]);
  });

  test('keeps saying since when, as long as it is refused again', () => {
    const first = refusedAt(fleetWith());
    const again = after(
      first,
      quotaExhausted(first, [], offer(), 'VcpuLimitExceeded', T0 + MINUTE),
      T0 + MINUTE,
    );
    expect(again.quotas).toMatchObject([{ since: T0, until: T0 + 2 * MINUTE }]);
  });

  test('on volumes is of every family', () => {
    expect(quotaExhausted(fiveOf(), [], offer(), 'VolumeLimitExceeded', T0)).toMatchObject([
      { family: 'all', vcpus: 0, in_use: { instances: 5 } },
    ]);
  });

  test('recorded before it told what was in use means what the fleet had', () => {
    const old: FleetEvent = {
      type: 'QuotaReached',
      family: 'standard',
      spot: 'on-demand',
      vcpus: 2,
      code: 'c',
      until: T0 + MINUTE,
    };
    const fleet = after(fiveOf(), [old]);
    expect(fleet.quotas).toMatchObject([{ in_use: { instances: 5, vcpus: 10 }, since: T0 }]);
  });
});
