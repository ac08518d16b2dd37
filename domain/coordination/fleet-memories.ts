import * as z from 'zod';
import { FleetMemory } from '../fleet/memory.ts';
import { fleetList } from '../fleet/stream.ts';
import type { EventStore } from '../kernel/event-store.ts';
import type { FleetName } from '../kernel/ids.ts';
import { wholeList } from '../kernel/whole-list.ts';

// A head that was last written before fleets told what they remember tells nothing.
const Remembering = z.object({ memory: FleetMemory });

/** What the other fleets of the deployment know of the account, which they share: one list of views. */
export async function fleetMemories(store: Pick<EventStore, 'list'>, but: FleetName): Promise<FleetMemory[]> {
  const memories: FleetMemory[] = [];
  for await (const { id, view } of wholeList(store, fleetList('main'))) {
    const read = Remembering.safeParse(view);
    if (id !== but && read.success) memories.push(read.data.memory);
  }
  return memories;
}
