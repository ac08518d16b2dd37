import type { FleetEvent } from '../fleet/events.ts';
import { groupCreated, groupDeleted, releaseGroup, requestGroup } from '../fleet/placement-group.ts';
import type { FleetState } from '../fleet/state.ts';
import { Fleet } from '../fleet/stream.ts';
import type { FleetName } from '../kernel/ids.ts';
import { changesOf, fold, type Provenance } from '../kernel/stream.ts';
import { transact } from '../kernel/transact.ts';
import type { Coordination } from './move-job.ts';

type Decide = (fleet: FleetState) => FleetEvent[];

/** Decided on the fleet as it is; answers what it is then. */
function decided(
  on: Coordination,
  provenance: Provenance,
  name: FleetName,
  decide: Decide,
): Promise<FleetState | undefined> {
  return transact<FleetState | undefined>(on, provenance, async (read) => {
    const fleet = await read(Fleet, name);
    const events = fleet.state ? decide(fleet.state) : [];
    const now = on.runtime.now();
    return {
      changes: changesOf(fleet, events, now),
      result: fold(Fleet, fleet.state, events, now),
    };
  });
}

/** The intent to create the fleet's placement group, `id` unless it has one already. */
export const recordGroupRequested = (on: Coordination, by: Provenance, name: FleetName, id: string) =>
  decided(on, by, name, (fleet) => requestGroup(fleet, id));

export const recordGroupCreated = (
  on: Coordination,
  by: Provenance,
  name: FleetName,
  { id, ec2 }: { readonly id: string; readonly ec2: string },
) => decided(on, by, name, (fleet) => groupCreated(fleet, id, ec2));

/** The intent to delete it, if the fleet still does not want it. */
export const recordGroupReleased = (on: Coordination, by: Provenance, name: FleetName) =>
  decided(on, by, name, releaseGroup);

export const recordGroupDeleted = (on: Coordination, by: Provenance, name: FleetName, id: string) =>
  decided(on, by, name, (fleet) => groupDeleted(fleet, id));
