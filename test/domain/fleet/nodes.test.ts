import { describe, expect, test } from 'vitest';
import { parseFleet } from '../../../domain/configuration/fleet.ts';
import { configure, remove } from '../../../domain/fleet/apply.ts';
import { cancel, giveBack, reserve } from '../../../domain/fleet/decide.ts';
import type { FleetEvent } from '../../../domain/fleet/events.ts';
import { dismiss, missingNodes, order } from '../../../domain/fleet/nodes.ts';
import type { FleetState } from '../../../domain/fleet/state.ts';
import { storedFleet } from '../../../domain/fleet/stored-fleet.ts';
import { Fleet } from '../../../domain/fleet/stream.ts';
import { nextUpkeep } from '../../../domain/fleet/upkeep.ts';
import { instanceId, jobId } from '../../../domain/kernel/ids.ts';
import { MINUTE } from '../../../domain/kernel/instant.ts';
import { fold } from '../../../domain/kernel/stream.ts';
import { given, offer, RUN, T0, types } from '../given.ts';

const stored = (nodes: unknown, limits = {}) => {
  const read = parseFleet({ type: 'fleet', name: 'small', nodes, limits });
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return storedFleet(read.value, 20);
};
const fleetOf = (nodes: unknown, limits = {}): FleetState => {
  const applied = configure(undefined, 'main', stored(nodes, limits));
  return given(Fleet, ...(applied.ok ? applied.value : []));
};
const after = (fleet: FleetState, events: readonly FleetEvent[] | string, at = T0): FleetState =>
  typeof events === 'string' ? fleet : (fold(Fleet, fleet, events, at) ?? fleet);
const node = (n: number) => ({ instance: instanceId(String(n).padStart(26, '0')), offer: offer() });
const withNodes = (fleet: FleetState, count: number): FleetState =>
  Array.from({ length: count }, (_, n) => node(n)).reduce((all, one) => after(all, order(all, one)), fleet);

describe('the nodes that a fleet keeps', () => {
  test('are ordered until there are enough, and no more', () => {
    const fleet = fleetOf('2..4');
    expect(missingNodes(fleet)).toBe(2);
    expect(types(order(fleet, node(1)))).toEqual(['NodeReserved']);
    expect(withNodes(fleet, 5).reservations).toHaveLength(2);
    expect(missingNodes(fleetOf('0..4'))).toBe(0);
  });

  test('are `target` to begin with, and `min` from then on', () => {
    const begun = withNodes(fleetOf({ min: 1, target: 3 }), 5);
    expect(begun.reservations).toHaveLength(3);
    const one = [0, 1].reduce((fleet, n) => after(fleet, giveBack(fleet, node(n).instance)), begun);
    expect(missingNodes(one)).toBe(0);
    expect(missingNodes(after(one, giveBack(one, node(2).instance)))).toBe(1);
  });

  test('count those that jobs have brought', () => {
    const fleet = fleetOf('2..4');
    const launch = { ...node(7), job: jobId(RUN, 0), submission: 0 };
    expect(missingNodes(after(fleet, reserve(fleet, launch)))).toBe(1);
  });

  test('stay under the limits', () => {
    expect(withNodes(fleetOf('3..4', { vcpus: 4 }), 5).reservations).toHaveLength(2);
  });

  test('are let go for idleness only as far as enough stay', () => {
    let fleet = withNodes(fleetOf({ min: 1, target: 3 }), 3);
    for (const n of [0, 1]) {
      expect(types(dismiss(fleet, node(n).instance) as FleetEvent[])).toEqual(['NodeDismissed']);
      fleet = after(fleet, dismiss(fleet, node(n).instance));
      expect(dismiss(fleet, node(n).instance)).toEqual([]);
    }
    expect(dismiss(fleet, node(2).instance)).toBe('kept');
    expect(dismiss(after(fleet, remove(fleet)), node(2).instance)).toEqual([]);
    const none = withNodes(fleetOf({ target: 1 }), 1);
    expect(dismiss(none, node(0).instance)).toEqual([]);
  });

  test('that EC2 refused are ordered again a minute later', () => {
    const fleet = fleetOf('1..4');
    const up = after(fleet, order(fleet, node(1)));
    const refused = after(up, cancel(up, node(1).instance), T0 + MINUTE);
    expect(nextUpkeep(refused, T0 + MINUTE)).toEqual({ kind: 'rest' });
    expect(Fleet.placement(refused, 'small').due).toBe(T0 + 2 * MINUTE);
    expect(nextUpkeep(refused, T0 + 2 * MINUTE)).toEqual({ kind: 'order', nodes: 1 });
  });

  test('are more, or fewer, as the configuration says', () => {
    const two = withNodes(fleetOf('2..4'), 2);
    const applied = configure(two, 'main', stored('3..4'));
    expect(missingNodes(after(two, applied.ok ? applied.value : []))).toBe(1);
    expect(missingNodes(after(two, remove(two)))).toBe(0);
  });
});
