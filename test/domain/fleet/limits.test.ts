import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseFleet } from '../../../domain/configuration/fleet.ts';
import { configure, remove } from '../../../domain/fleet/apply.ts';
import { committed, paidUntil, spentBy } from '../../../domain/fleet/budget.ts';
import { changesBetween } from '../../../domain/fleet/changes.ts';
import { cancel, ensure, giveBack, prolong, reserve } from '../../../domain/fleet/decide.ts';
import type { FleetEvent } from '../../../domain/fleet/events.ts';
import { roomOf, shortOf } from '../../../domain/fleet/room.ts';
import type { FleetState } from '../../../domain/fleet/state.ts';
import { storedFleet } from '../../../domain/fleet/stored-fleet.ts';
import { Fleet } from '../../../domain/fleet/stream.ts';
import { barred, launchedAs, termsFor } from '../../../domain/fleet/terms.ts';
import { nextUpkeep } from '../../../domain/fleet/upkeep.ts';
import { instanceId, jobId } from '../../../domain/kernel/ids.ts';
import { HOUR, MINUTE } from '../../../domain/kernel/instant.ts';
import { fold } from '../../../domain/kernel/stream.ts';
import { given, offer, RUN, requirements, spec, T0, types } from '../given.ts';

const stored = (fields: Record<string, unknown> = {}) => {
  const read = parseFleet({ type: 'fleet', name: 'small', ...fields });
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return storedFleet(read.value, 20);
};
const fleetOf = (fields: Record<string, unknown> = {}, ...events: FleetEvent[]): FleetState => {
  const applied = configure(undefined, 'main', stored(fields));
  return given(Fleet, ...(applied.ok ? applied.value : []), ...events);
};
const after = (fleet: FleetState, events: readonly FleetEvent[], at = T0): FleetState =>
  fold(Fleet, fleet, events, at) ?? fleet;
const launch = (n: number, fields: Parameters<typeof offer>[0] = {}) => ({
  instance: instanceId(String(n).padStart(26, '0')),
  job: jobId(RUN, n),
  submission: 0,
  offer: offer(fields),
});
const hour = (from = T0) => ({ from, until: from + HOUR });

describe('limits', () => {
  test('on instances: the smaller of nodes.max and limits.instances, else the deployment’s', () => {
    expect(stored({ nodes: '0..4', limits: { instances: 6 } }).limits.instances).toBe(4);
    expect(stored({ nodes: '0..4', limits: { instances: 3 } }).limits.instances).toBe(3);
    expect(stored().limits.instances).toBe(20);
  });

  test.each([
    ['vcpus', { vcpus: 5 }, "the fleet's 5 vCPUs leave no room for 2 more"],
    ['price_per_hour', { price_per_hour: 0.25 }, "the fleet's $0.25/h leave no room for $0.1008/h more"],
    ['budget', { budget: 0.25 }, "what is left of the fleet's budget of $0.25 does not cover this run"],
    ['instances', { instances: 2 }, 'the fleet has its 2 instances, none free'],
  ])('on %s let two launches through, and say so of the third', (_, limits, message) => {
    let fleet = fleetOf({ limits });
    for (const n of [1, 2]) fleet = after(fleet, reserve(fleet, launch(n), hour()));
    expect(fleet.reservations).toHaveLength(2);
    expect(reserve(fleet, launch(3), hour())).toEqual([]);
    const need = { instances: 1, vcpus: 2, price: 0.1008, money: 0.1008 };
    expect(shortOf(roomOf(fleet), need)).toBe(message);
  });

  test('a fleet of ten at $0.1 fits under $1', () => {
    let fleet = fleetOf({ limits: { price_per_hour: 1 } });
    for (let n = 0; n < 12; n++) fleet = after(fleet, reserve(fleet, launch(n, { price: 0.1 }), hour()));
    expect(fleet.reservations).toHaveLength(10);
  });
});

describe('a budget', () => {
  const budgeted = fleetOf({ limits: { budget: 1 } });
  const $1 = launch(1, { price: 1 });
  const step = fc.record({
    kind: fc.constantFrom('reserve' as const, 'give-back' as const, 'cancel' as const, 'prolong' as const),
    n: fc.integer({ min: 0, max: 9 }),
    price: fc.integer({ min: 1, max: 400 }),
    minutes: fc.integer({ min: 1, max: 600 }),
  });

  test('is never exceeded by what is spent and committed, as long as instances end in time', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        let [fleet, now] = [fleetOf({ limits: { budget: 10 } }), T0];
        for (const { kind, n, price, minutes } of steps) {
          now += MINUTE;
          const { instance } = launch(n);
          const until = now + minutes * MINUTE;
          // What is due ends: `nextUpkeep` says which.
          const due = nextUpkeep(fleet, now);
          for (const id of due.kind === 'end-instances' ? due.instances : [])
            fleet = after(fleet, giveBack(fleet, id), now);
          const decided = {
            reserve: () => reserve(fleet, launch(n, { price: price / 100 }), { from: now, until }),
            'give-back': () => giveBack(fleet, instance),
            cancel: () => cancel(fleet, instance),
            prolong: () => prolong(fleet, instance, until),
          }[kind]();
          if (decided !== 'no-room') fleet = after(fleet, decided, now);
          expect(roomOf(fleet).used.money).toBeLessThanOrEqual(10 + 1e-6);
        }
      }),
    );
  });

  test('commits a launch’s cost until its job’s end, and spends what it took', () => {
    const up = after(budgeted, reserve(budgeted, $1, hour()));
    expect(types(reserve(budgeted, $1, hour()))).toEqual(['LaunchReserved', 'CostCommitted']);
    expect(up.reservations.map(committed)).toEqual([1]);
    const gone = after(up, giveBack(up, $1.instance), T0 + HOUR / 4);
    expect([gone.spent, gone.reservations]).toEqual([0.25, []]);
    expect(reserve(gone, launch(2, { price: 1 }), hour(T0 + HOUR))).toEqual([]);
  });

  test('what its instances have taken by now is spent, and committed no more', () => {
    const up = after(budgeted, reserve(budgeted, $1, hour()));
    expect(spentBy(up, T0 + HOUR / 4)).toEqual({ spent: 0.25, committed: 0.75 });
    const late = T0 + 2 * HOUR;
    expect(spentBy(up, late)).toEqual({ spent: 2, committed: 0 });
    const open = fleetOf();
    expect(spentBy(after(open, reserve(open, $1)), T0 + HOUR / 4)).toEqual({ spent: 0.25, committed: 0 });
  });

  test('pays nothing for what was never launched', () => {
    const up = after(budgeted, reserve(budgeted, $1, hour()));
    expect(after(up, cancel(up, $1.instance), T0 + HOUR)).toMatchObject({ spent: 0, reservations: [] });
  });

  test('takes no launch of which nobody knows how long it has to be paid', () => {
    expect(reserve(budgeted, $1)).toEqual([]);
    expect(reserve(budgeted, $1, { from: T0, until: null })).toEqual([]);
  });

  test('lets an instance have another job only if that can be paid too', () => {
    const up = after(budgeted, reserve(budgeted, $1, { from: T0, until: T0 + HOUR / 2 }));
    expect(prolong(up, $1.instance, T0 + HOUR / 4)).toEqual([]);
    expect(types(prolong(up, $1.instance, T0 + HOUR) as FleetEvent[])).toEqual(['CostCommitted']);
    expect(prolong(up, $1.instance, T0 + HOUR + 1)).toBe('no-room');
  });

  test('counts the boot, the stop and the way between them as well as max_duration', () => {
    const job = spec({ requirements: requirements({ max_duration: '1h' }), stop_duration: 300 });
    expect(paidUntil(job, { launching: 'm5.large' }, T0)).toBe(T0 + 80 * MINUTE);
    expect(paidUntil(job, { launching: 'm5.metal' }, T0)).toBe(T0 + 100 * MINUTE);
    expect(paidUntil(job, 'idle', T0)).toBe(T0 + 70 * MINUTE);
    expect(paidUntil({ ...job, stop_duration: null }, { launching: 'm5.large' }, T0)).toBeNull();
  });

  test('ends an instance shortly before what was committed for it is used up', () => {
    const up = after(budgeted, reserve(budgeted, $1, hour()));
    expect(Fleet.placement(up, 'small').due).toBe(T0 + HOUR - 2 * MINUTE);
    expect(nextUpkeep(up, T0 + HOUR - 2 * MINUTE - 1)).toEqual({ kind: 'rest' });
    expect(nextUpkeep(up, T0 + HOUR - 2 * MINUTE)).toEqual({
      kind: 'end-instances',
      instances: [$1.instance],
      reason: 'budget_spent',
    });
  });

  test('bars a job that may run for ever, and says which field it lacks', () => {
    expect(barred(budgeted, spec())).toContain('without a max_duration nobody knows');
    const long = spec({ requirements: requirements({ max_duration: '1h' }), stop_duration: null });
    expect(barred(budgeted, long)).toContain('without a stop_duration');
    expect(barred(budgeted, { ...long, stop_duration: 10 })).toBeNull();
    expect(barred(fleetOf(), spec())).toBeNull();
  });
});

describe('a fleet’s terms', () => {
  test('are its configuration, narrowed to what its limits could ever hold', () => {
    const limits = { vcpus: 16, price_per_hour: 3, budget: 4 };
    const fleet = fleetOf({ resources: { cpu: '4..' }, spot_policy: 'spot', max_price: 5, limits });
    const job = spec({ requirements: requirements({ max_duration: '100m' }), stop_duration: 0 });
    expect(termsFor(fleet, job)).toMatchObject({
      resources: { cpu: { count: { min: 4, max: 16 } } },
      spot_policy: 'spot',
      // 115 minutes for $4.
      max_price: expect.closeTo(2.087, 3),
    });
    expect(termsFor(undefined, job)).toBeNull();
  });

  test('make an instance the fleet’s: its idle time, and tags of both', () => {
    const own = { idle_duration: 60, tags: { a: 'job', b: 'job' } };
    const { configuration } = fleetOf({ idle_duration: 'off', tags: { a: 'fleet', c: 'fleet' } });
    const tags = { a: 'job', b: 'job', c: 'fleet' };
    expect(launchedAs(configuration, own)).toEqual({ idle_duration: null, tags });
    expect(launchedAs(null, own)).toEqual(own);
  });
});

describe('applying', () => {
  test('creates, changes in place, and does nothing the second time', () => {
    const fleet = fleetOf();
    expect(configure(fleet, 'main', stored())).toEqual({ ok: true, value: [] });
    const wider = configure(fleet, 'main', stored({ nodes: '0..30' }));
    expect(wider.ok && types(wider.value)).toEqual(['FleetConfigured', 'RolloutStarted']);
    expect(changesBetween(fleet.configuration, stored({ nodes: '0..30', max_price: 2 }))).toEqual([
      { field: 'nodes', from: '0..', to: '0..30' },
      { field: 'limits.instances', from: '20', to: '30' },
      { field: 'max_price', from: null, to: '2' },
    ]);
  });

  test('takes the default fleet over from the deployment’s limit', () => {
    const byItself = given(Fleet, ...ensure(undefined, 'main', { instances: 5 }));
    const applied = configure(byItself, 'main', stored({ nodes: '0..2' }));
    const fleet = after(byItself, applied.ok ? applied.value : []);
    expect(fleet.limits).toEqual({ instances: 2 });
    expect(ensure(fleet, 'main', { instances: 5 })).toEqual([]);
  });

  test('gives no budget to instances that were launched without one, nor one that is used up', () => {
    const fleet = fleetOf();
    const up = after(fleet, reserve(fleet, launch(1)));
    const refusal = { kind: 'unbudgeted-instances', instances: 1 };
    expect(configure(up, 'main', stored({ limits: { budget: 9 } }))).toEqual({ ok: false, error: refusal });
    const gone = after(up, giveBack(up, launch(1).instance), T0 + 100 * HOUR);
    expect(configure(gone, 'main', stored({ limits: { budget: 9 } }))).toMatchObject({
      ok: false,
      error: { kind: 'budget-used' },
    });
    expect(configure(gone, 'main', stored({ limits: { budget: 11 } })).ok).toBe(true);
  });

  test('brings a deleted fleet back anew, once its instances are gone', () => {
    const fleet = fleetOf();
    const up = after(fleet, reserve(fleet, launch(1)));
    const deleted = after(up, remove(up));
    expect(remove(deleted)).toEqual([]);
    expect(reserve(deleted, launch(2))).toEqual([]);
    expect(barred(deleted, spec())).toBe('fleet default was deleted');
    expect(nextUpkeep(deleted, T0)).toMatchObject({ kind: 'end-instances', reason: 'fleet_deleted' });
    expect(Fleet.placement(deleted, 'small').list?.key).toBe('fleets#main');
    expect(configure(deleted, 'main', stored())).toMatchObject({
      ok: false,
      error: { kind: 'still-ending' },
    });
    const gone = after(deleted, giveBack(deleted, launch(1).instance), T0 + HOUR);
    expect(Fleet.placement(gone, 'small')).toEqual({ list: { key: 'deleted-fleets#main', sort: 'small' } });
    const back = configure(gone, 'main', stored());
    expect(back.ok && after(gone, back.value)).toMatchObject({ phase: { kind: 'active' }, spent: 0 });
  });
});
