import { departures, finishRollout, isConfiguredAs } from '../fleet/rollout.ts';
import type { StoredFleet } from '../fleet/stored-fleet.ts';
import { Fleet } from '../fleet/stream.ts';
import { launchedAs } from '../fleet/terms.ts';
import { drained } from '../instance/decide.ts';
import { reconfigure } from '../instance/reconfigure.ts';
import { Instance } from '../instance/stream.ts';
import { type Retag, tagged } from '../instance/tags.ts';
import { Job } from '../job/stream.ts';
import type { EventStore } from '../kernel/event-store.ts';
import type { FleetName, InstanceId } from '../kernel/ids.ts';
import { changesOf, type Provenance } from '../kernel/stream.ts';
import { transact } from '../kernel/transact.ts';
import type { Coordination } from './move-job.ts';
import { NODE_WISHES } from './order-node.ts';

/** The instances that have no place under a configuration, as they are now, each with the reason. */
export async function departuresFrom(
  store: EventStore,
  configuration: StoredFleet,
  instances: readonly InstanceId[],
): Promise<ReadonlyMap<InstanceId, string>> {
  const loaded = await Promise.all(instances.map((id) => store.load(Instance, id)));
  const members = loaded.flatMap(({ id, state }) => (state ? [{ id: id as InstanceId, state }] : []));
  return departures(configuration, members);
}

/**
 * One instance follows its fleet's configuration: its idle time, its tags and its check. `leaves`: why it has no place
 * there any more; it is drained, its jobs end first. Nothing, if the fleet has another configuration by now.
 */
export function followFleet(
  on: Coordination,
  provenance: Provenance,
  id: InstanceId,
  { configuration, leaves }: { readonly configuration: StoredFleet; readonly leaves: string | null },
): Promise<void> {
  return transact<void>(on, provenance, async (read) => {
    const instance = await read(Instance, id);
    if (instance.state === undefined) return { changes: [], result: undefined };
    const { state: fleet } = await read(Fleet, instance.state.fleet);
    if (fleet === undefined || !isConfiguredAs(fleet, configuration))
      return { changes: [], result: undefined };
    const claim = fleet.reservations.find((one) => one.instance === id)?.claim ?? null;
    const launchedFor = claim === null ? undefined : (await read(Job, claim.job)).state;
    const own = launchedAs(configuration, launchedFor ?? NODE_WISHES);
    const because = `fleet ${instance.state.fleet} was changed: ${leaves}`;
    const events = [
      ...reconfigure(instance.state, { ...own, health_at: fleet.health_at }),
      ...(leaves === null ? [] : drained(instance.state, because)),
    ];
    return {
      changes: changesOf(instance, events, on.runtime.now()),
      result: undefined,
    };
  });
}

/** Every instance follows the configuration: the fleet counts on those that stay. */
export function recordRolledOut(
  on: Coordination,
  provenance: Provenance,
  name: FleetName,
  rolledOut: { readonly configuration: StoredFleet; readonly leaving: readonly InstanceId[] },
): Promise<void> {
  return transact<void>(on, provenance, async (read) => {
    const fleet = await read(Fleet, name);
    const { configuration, leaving } = rolledOut;
    const events = fleet.state ? finishRollout(fleet.state, configuration, leaving) : [];
    return {
      changes: changesOf(fleet, events, on.runtime.now()),
      result: undefined,
    };
  });
}

/** EC2 has these tags of an instance. */
export function recordTagged(
  on: Coordination,
  provenance: Provenance,
  id: InstanceId,
  done: Retag,
): Promise<void> {
  return transact<void>(on, provenance, async (read) => {
    const instance = await read(Instance, id);
    const events = instance.state ? tagged(instance.state, done) : [];
    return {
      changes: changesOf(instance, events, on.runtime.now()),
      result: undefined,
    };
  });
}
