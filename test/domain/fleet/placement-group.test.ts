import { describe, expect, test } from 'vitest';
import { parseFleet } from '../../../domain/configuration/fleet.ts';
import { configure, remove } from '../../../domain/fleet/apply.ts';
import { giveBack, reserve } from '../../../domain/fleet/decide.ts';
import type { FleetEvent } from '../../../domain/fleet/events.ts';
import { order } from '../../../domain/fleet/nodes.ts';
import {
  clusterOf,
  groupCreated,
  groupDeleted,
  groupIdFor,
  releaseGroup,
  requestGroup,
} from '../../../domain/fleet/placement-group.ts';
import type { FleetState } from '../../../domain/fleet/state.ts';
import { storedFleet } from '../../../domain/fleet/stored-fleet.ts';
import { Fleet } from '../../../domain/fleet/stream.ts';
import { nextUpkeep } from '../../../domain/fleet/upkeep.ts';
import { instanceId, jobId } from '../../../domain/kernel/ids.ts';
import { MINUTE } from '../../../domain/kernel/instant.ts';
import { fold } from '../../../domain/kernel/stream.ts';
import { FLEET, given, offer, RUN, T0, types } from '../given.ts';

const stored = (fields: Record<string, unknown>) => {
  const read = parseFleet({ type: 'fleet', name: 'small', ...fields });
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return storedFleet(read.value, 20);
};
const fleetOf = (fields: Record<string, unknown>): FleetState => {
  const applied = configure(undefined, 'main', stored(fields));
  return given(Fleet, ...(applied.ok ? applied.value : []));
};
const after = (fleet: FleetState, events: readonly FleetEvent[], at = T0): FleetState =>
  fold(Fleet, fleet, events, at) ?? fleet;
const one = instanceId('1'.padStart(26, '0'));
const other = instanceId('2'.padStart(26, '0'));
const launch = (instance: typeof one, zone: string) => ({
  ...{ instance, job: jobId(RUN, instance === one ? 0 : 1), submission: 0 },
  offer: { ...offer(), zone },
});
const cluster = fleetOf({ placement: 'cluster', nodes: '0..4' });
const withOne = after(cluster, reserve(cluster, launch(one, 'us-east-1b')));
const id = groupIdFor(FLEET, one);
const requested = after(withOne, requestGroup(withOne, id));
const created = after(requested, groupCreated(requested, id, `sortie-test-${id}`));

describe('a fleet with placement: cluster', () => {
  test('may begin in any zone, and is in that one until its last instance has gone', () => {
    expect(clusterOf(cluster)).toEqual({ zone: null });
    expect(clusterOf(withOne)).toEqual({ zone: 'us-east-1b' });
    expect(reserve(withOne, launch(other, 'us-east-1a'))).toEqual([]);
    expect(types(reserve(withOne, launch(other, 'us-east-1b')))).toEqual(['LaunchReserved']);
    const empty = after(withOne, giveBack(withOne, one));
    expect(types(reserve(empty, launch(other, 'us-east-1a')))).toEqual(['LaunchReserved']);
  });

  test('keeps its own nodes there as well', () => {
    const kept = fleetOf({ placement: 'cluster', nodes: 2 });
    const first = after(kept, order(kept, launch(one, 'us-east-1b')));
    expect(order(first, launch(other, 'us-east-1a'))).toEqual([]);
    expect(types(order(first, launch(other, 'us-east-1b')))).toEqual(['NodeReserved']);
  });

  test('has one group, asked for once and made once', () => {
    expect(types(requestGroup(withOne, id))).toEqual(['PlacementGroupRequested']);
    expect(requestGroup(requested, groupIdFor(FLEET, other))).toEqual([]);
    expect(created.group).toMatchObject({ kind: 'created', id, name: `sortie-test-${id}` });
    expect(groupCreated(created, id, 'again')).toEqual([]);
    expect(requestGroup(fleetOf({}), id)).toEqual([]);
  });

  test('is not moved into a group nor out of it while it has instances', () => {
    const any = stored({ nodes: '0..4' });
    expect(configure(created, 'main', any)).toEqual({
      ok: false,
      error: { kind: 'placed-instances', instances: 1 },
    });
    const empty = after(created, giveBack(created, one));
    expect(configure(empty, 'main', any).ok).toBe(true);
    expect(configure(created, 'main', stored({ placement: 'cluster', nodes: '0..3' })).ok).toBe(true);
  });
});

describe('its placement group', () => {
  const empty = after(created, giveBack(created, one));

  test('stays while the fleet does, with or without an instance', () => {
    expect(releaseGroup(created)).toEqual([]);
    expect(releaseGroup(empty)).toEqual([]);
    expect(nextUpkeep(empty, T0)).toEqual({ kind: 'rest' });
    expect(Fleet.placement(empty, 'small').due).toBeUndefined();
  });

  test('waits for the last instance of a fleet that was deleted, then goes', () => {
    const deleted = after(created, remove(created), T0 + MINUTE);
    expect(nextUpkeep(deleted, T0 + MINUTE).kind).toBe('end-instances');
    expect(releaseGroup(deleted)).toEqual([]);
    const last = after(deleted, giveBack(deleted, one), T0 + 2 * MINUTE);
    expect(nextUpkeep(last, T0 + 2 * MINUTE)).toMatchObject({ kind: 'delete-group', group: { id } });
    const released = after(last, releaseGroup(last), T0 + 2 * MINUTE);
    expect(releaseGroup(released)).toEqual([]);
    expect(nextUpkeep(released, T0 + 2 * MINUTE)).toMatchObject({ kind: 'delete-group', group: { id } });
    expect(Fleet.placement(released, 'small')).toMatchObject({
      list: { key: 'fleets#main' },
      due: T0 + 3 * MINUTE,
    });
    const gone = after(released, groupDeleted(released, id));
    expect(gone.group).toBeNull();
    expect(groupDeleted(gone, id)).toEqual([]);
    expect(Fleet.placement(gone, 'small')).toEqual({ list: { key: 'deleted-fleets#main', sort: 'small' } });
  });

  test('goes when a fleet without instances wants none any more, and is not taken again meanwhile', () => {
    const applied = configure(empty, 'main', stored({ nodes: '0..4' }));
    const any = after(empty, applied.ok ? applied.value : []);
    const released = after(any, releaseGroup(any));
    expect(released.group).toMatchObject({ kind: 'released', id });
    const again = configure(released, 'main', stored({ placement: 'cluster', nodes: '0..4' }));
    const wanting = after(released, again.ok ? again.value : []);
    expect(requestGroup(wanting, groupIdFor(FLEET, other))).toEqual([]);
    expect(nextUpkeep(wanting, T0).kind).toBe('delete-group');
    const without = after(wanting, groupDeleted(wanting, id));
    expect(types(requestGroup(without, groupIdFor(FLEET, other)))).toEqual(['PlacementGroupRequested']);
  });

  test('is not forgotten by a fleet that is made again under its name', () => {
    const deleted = after(empty, remove(empty));
    const applied = configure(deleted, 'main', stored({}));
    const again = after(deleted, applied.ok ? applied.value : []);
    expect(again.phase.kind).toBe('active');
    expect(nextUpkeep(again, T0)).toMatchObject({ kind: 'delete-group', group: { id } });
  });

  test('that was asked for and perhaps never made is deleted all the same', () => {
    const given = after(requested, giveBack(requested, one));
    const deleted = after(given, remove(given));
    expect(types(releaseGroup(deleted))).toEqual(['PlacementGroupReleased']);
  });
});
