import { MOST_INSTANCES } from '../../domain/configuration/most-instances.ts';
import { Fleet } from '../../domain/fleet/stream.ts';
import { Instance, poolOf } from '../../domain/instance/stream.ts';
import { Job, queueOf } from '../../domain/job/stream.ts';
import type { FleetName } from '../../domain/kernel/ids.ts';
import type { Pooled, Snapshot } from '../../domain/scheduling/snapshot.ts';
import { otherFleets } from './other-fleets.ts';
import type { Reactive } from './ports.ts';
import { nothingRung, type Rung } from './step.ts';

// A fleet that is full has nothing for whoever stands further back than its first few, and a pass is made for each
// instance that is free again. Only where something is left for them are more of the queue read: a page or two.
export const FIRST = 50;

/** A fleet as a pass sees it, and the first of its queue. */
export async function lookAtFleet(on: Reactive, fleet: FleetName, rung: Rung = nothingRung) {
  const [head, jobs, instances, others] = await Promise.all([
    on.store.load(Fleet, fleet),
    on.store.work(Job, queueOf(fleet), FIRST),
    on.store.work(Instance, poolOf(fleet), MOST_INSTANCES),
    otherFleets(on, fleet),
  ]);
  const pool: Pooled[] = upToDate(instances, rung.instances);
  const snapshot: Omit<Snapshot, 'queue' | 'runs'> = {
    ...{ pool, fleet: head.state, others },
    limit: on.settings.fleetInstances,
    launches: on.settings.concurrentLaunches,
    now: on.runtime.now(),
  };
  return { snapshot, jobs };
}

/**
 * What an index shows, and over it what was read just now: the index may be behind, and what has rung rings only once.
 * What it does not show yet would wait for its next look, a minute away.
 */
export function upToDate<Id extends string, State extends object>(
  indexed: readonly { readonly id: string; readonly state: State | undefined }[],
  rung: readonly { readonly id: Id; readonly state: State }[],
): { readonly id: Id; readonly state: State }[] {
  const all = new Map(indexed.flatMap(({ id, state }) => (state ? [[id as Id, state] as const] : [])));
  for (const { id, state } of rung) all.set(id, state);
  return [...all].map(([id, state]) => ({ id, state }));
}
