import { Fleet } from '../../domain/fleet/stream.ts';
import { Instance } from '../../domain/instance/stream.ts';
import type { JobState } from '../../domain/job/state.ts';
import type { FleetName, InstanceId } from '../../domain/kernel/ids.ts';
import type { Pooled } from '../../domain/scheduling/snapshot.ts';
import type { Reactive } from './ports.ts';

/**
 * What a pass did not see and a job that takes only what is there could wait for: the index of the pool may be behind, and
 * a job that is told there is nothing has ended. The fleet's head has whoever was ever given a place.
 */
export async function unseenToReuse(
  on: Reactive,
  name: FleetName,
  seen: ReadonlyMap<InstanceId, unknown>,
  job: JobState | undefined,
): Promise<Pooled[]> {
  if (job?.creation_policy !== 'reuse') return [];
  const { state: fleet } = await on.store.load(Fleet, name);
  const unseen = (fleet?.reservations ?? []).filter(({ instance }) => !seen.has(instance));
  const loaded = await Promise.all(unseen.map(({ instance }) => on.store.load(Instance, instance)));
  return loaded.flatMap(({ state }, n) => {
    const id = unseen[n]?.instance;
    return id && state && state.phase.kind !== 'terminated' ? [{ id, state }] : [];
  });
}
