import {
  recordGroupCreated,
  recordGroupDeleted,
  recordGroupReleased,
  recordGroupRequested,
} from '../../domain/coordination/placement-group.ts';
import { groupIdFor } from '../../domain/fleet/placement-group.ts';
import type { FleetState } from '../../domain/fleet/state.ts';
import type { LaunchOutcome } from '../../domain/instance/cloud.ts';
import type { FleetName, InstanceId } from '../../domain/kernel/ids.ts';
import { MINUTE, SECOND } from '../../domain/kernel/instant.ts';
import type { Provenance } from '../../domain/kernel/stream.ts';
import { sharing } from './in-flight.ts';
import type { Reactive } from './ports.ts';

export type LaunchGroup =
  /** To launch into; `null`: wherever it may be. */
  | { readonly kind: 'ready'; readonly id: string | null }
  /** The fleet's last one is still being deleted: another is made once it is gone. */
  | { readonly kind: 'leaving' }
  | {
      readonly kind: 'not-made';
      readonly outcome: Extract<LaunchOutcome, { kind: 'throttled' | 'refused' }>;
    };

// The launches of a gang begin together, and one call makes the group for all of them.
const making = sharing<LaunchGroup>();

/** Where a launch of this fleet goes. What is missing of its placement group is made: the intent first, then the call. */
export async function groupFor(
  on: Reactive,
  provenance: Provenance,
  name: FleetName,
  fleet: FleetState | undefined,
  instance: InstanceId,
): Promise<LaunchGroup> {
  if (fleet?.configuration?.placement !== 'cluster') return { kind: 'ready', id: null };
  switch (fleet.group?.kind) {
    case 'created':
      return { kind: 'ready', id: fleet.group.id };
    case 'released':
      return { kind: 'leaving' };
    case 'requested':
    case undefined:
      return making(on, name, () => make(on, provenance, name, instance));
  }
}

async function make(
  on: Reactive,
  provenance: Provenance,
  name: FleetName,
  instance: InstanceId,
): Promise<LaunchGroup> {
  const fleet = await recordGroupRequested(on, provenance, name, groupIdFor(name, instance));
  if (fleet?.group?.kind !== 'requested') return groupFor(on, provenance, name, fleet, instance);
  const { id } = fleet.group;
  const outcome = await create(on, name, fleet, id);
  switch (outcome.kind) {
    case 'there':
      await recordGroupCreated(on, provenance, name, { id, ec2: outcome.name });
      return { kind: 'ready', id };
    case 'throttled':
      return { kind: 'not-made', outcome };
    case 'refused': {
      const { code, message } = outcome;
      return { kind: 'not-made', outcome: { kind: 'refused', refusal: { class: 'fatal', code, message } } };
    }
  }
}

/** Again, for a launch that EC2 says does not know its group: somebody else may have deleted it. */
export async function makeAgain(
  on: Reactive,
  name: FleetName,
  fleet: FleetState | undefined,
  { id }: { readonly id: string | null },
): Promise<void> {
  // Whatever comes of it, the launch that is made again hears it.
  if (fleet !== undefined && id !== null) await create(on, name, fleet, id);
}

const create = (on: Reactive, name: FleetName, { configuration }: FleetState, id: string) =>
  on.cloud.createGroup({ id, fleet: name, tags: configuration?.tags ?? {} });

/** Answers in how long to ask again; `null`: it is gone. */
export async function deleteGroup(
  on: Reactive,
  provenance: Provenance,
  name: FleetName,
): Promise<number | null> {
  const fleet = await recordGroupReleased(on, provenance, name);
  // A launch came first.
  if (fleet?.group?.kind !== 'released') return null;
  switch (await on.cloud.deleteGroup(fleet.group.id)) {
    case 'gone':
      await recordGroupDeleted(on, provenance, name, fleet.group.id);
      return null;
    case 'in-use':
      return 15 * SECOND;
    case 'throttled':
      return MINUTE;
  }
}
