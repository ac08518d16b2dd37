import { fleetMemories } from '../../domain/coordination/fleet-memories.ts';
import type { Coordination } from '../../domain/coordination/move-job.ts';
import type { FleetMemory } from '../../domain/fleet/memory.ts';
import type { EventStore } from '../../domain/kernel/event-store.ts';
import type { FleetName } from '../../domain/kernel/ids.ts';
import { type Instant, MINUTE } from '../../domain/kernel/instant.ts';

// Most deployments have one fleet, and a second one is news for a minute: the first needs no list until then.
const alone = new WeakMap<EventStore, Instant>();

/** What the other fleets remember, read once a minute while there are none. */
export async function otherFleets(
  { store, runtime }: Coordination,
  fleet: FleetName,
): Promise<readonly FleetMemory[]> {
  const now = runtime.now();
  if (now < (alone.get(store) ?? 0)) return [];
  const memories = await fleetMemories(store, fleet);
  if (memories.length === 0) alone.set(store, now + MINUTE);
  return memories;
}
