import { type ApplyRefusal, configure, remove } from '../fleet/apply.ts';
import type { FleetState } from '../fleet/state.ts';
import type { StoredFleet } from '../fleet/stored-fleet.ts';
import { Fleet } from '../fleet/stream.ts';
import { claimsOf } from '../instance/state.ts';
import { Instance } from '../instance/stream.ts';
import { Job, queueOf } from '../job/stream.ts';
import type { EventStore } from '../kernel/event-store.ts';
import { type FleetName, runOf } from '../kernel/ids.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import { change, type Provenance } from '../kernel/stream.ts';
import { transact } from '../kernel/transact.ts';
import { Run } from '../run/stream.ts';
import type { Coordination } from './move-job.ts';

type Applied = Result<'created' | 'changed' | 'unchanged', ApplyRefusal>;

/** Creates a fleet, or changes it in place. */
export function applyFleet(
  on: Coordination,
  provenance: Provenance,
  name: FleetName,
  { project, configuration }: { project: string; configuration: StoredFleet },
): Promise<Applied> {
  return transact<Applied>(on, provenance, async (read) => {
    const fleet = await read(Fleet, name);
    const decided = configure(fleet.state, project, configuration);
    if (!decided.ok) return { changes: [], result: decided };
    const events = decided.value;
    if (events.length === 0) return { changes: [], result: ok('unchanged') };
    const result = ok(events[0]?.type === 'FleetCreated' ? ('created' as const) : ('changed' as const));
    return { changes: [change(fleet, events, on.runtime.now())], result };
  });
}

type Deleted = Result<'deleted', { readonly kind: 'in-use'; readonly runs: readonly string[] }>;

/**
 * Deletes a fleet that no run uses. One that is submitted to it in the same moment, unseen, is not left waiting: its
 * job fails, and says why.
 */
export async function deleteFleet(
  on: Coordination,
  provenance: Provenance,
  name: FleetName,
): Promise<Deleted> {
  return transact<Deleted>(on, provenance, async (read) => {
    const fleet = await read(Fleet, name);
    const events = fleet.state === undefined ? [] : remove(fleet.state);
    if (fleet.state === undefined || events.length === 0) return { changes: [], result: ok('deleted') };
    const runs = await runsIn(on.store, name, fleet.state);
    if (runs.length > 0) return { changes: [], result: fail({ kind: 'in-use', runs }) };
    return { changes: [change(fleet, events, on.runtime.now())], result: ok('deleted') };
  });
}

const QUEUE = 200;

/** The names of the runs that wait for a fleet or are on its instances. */
export async function runsIn(store: EventStore, name: FleetName, fleet: FleetState): Promise<string[]> {
  const [waiting, instances] = await Promise.all([
    store.work(Job, queueOf(name), QUEUE),
    Promise.all(fleet.reservations.map(({ instance }) => store.load(Instance, instance))),
  ]);
  const claimed = instances.flatMap(({ state }) => (state ? claimsOf(state) : [])).map(({ job }) => job);
  const runs = await Promise.all(claimed.map((job) => store.load(Run, runOf(job))));
  const names = [
    ...waiting.flatMap(({ state }) => state?.run_name ?? []),
    ...runs.flatMap(({ state }) => state?.name ?? []),
  ];
  return [...new Set(names)].sort();
}
