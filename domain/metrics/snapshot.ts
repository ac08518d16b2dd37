import type { FleetState } from '../fleet/state.ts';
import { Fleet, fleetList } from '../fleet/stream.ts';
import type { InstanceState } from '../instance/state.ts';
import { Instance, poolOf } from '../instance/stream.ts';
import type { JobState } from '../job/state.ts';
import { Job, queueOf } from '../job/stream.ts';
import type { EventStore } from '../kernel/event-store.ts';
import type { FleetName } from '../kernel/ids.ts';
import type { Instant } from '../kernel/instant.ts';

/** A project as it is now, as far as the indexes show it. */
export interface Snapshot {
  readonly now: Instant;
  readonly fleets: readonly FleetState[];
  readonly queue: readonly JobState[];
  readonly instances: readonly InstanceState[];
}

// What is read of each: fleets of a project, those who wait in one, its instances. Beyond, the figures say no more.
const FLEETS = 1_000;
const QUEUE = 10_000;
const POOL = 10_000;

export interface SnapshotSource {
  readonly store: EventStore;
  /** A fleet's live instances. */
  readonly pool: (fleet: string) => Promise<readonly InstanceState[]>;
}

export const readingPools = (store: EventStore): SnapshotSource => ({
  store,
  pool: async (fleet) => present(await store.work(Instance, poolOf(fleet), POOL)),
});

/** `fleet`: one that is looked at whether it is there yet or not; a fleet comes to be with its first launch, its queue before. */
export async function readSnapshot(
  from: SnapshotSource,
  { project, fleet }: { project: string; fleet: FleetName },
  now: Instant,
): Promise<Snapshot> {
  const page = await from.store.list(fleetList(project), FLEETS);
  if (page === 'bad-cursor') throw new Error('the fleet list refused a request without a cursor');
  const names = new Set([fleet, ...page.items.map(({ id }) => id)]);
  const fleets = await Promise.all([...names].map((name) => readFleet(from, name)));
  return {
    now,
    fleets: fleets.flatMap(({ fleet }) => fleet),
    queue: fleets.flatMap(({ queue }) => queue),
    instances: fleets.flatMap(({ instances }) => instances),
  };
}

async function readFleet({ store, pool }: SnapshotSource, name: string) {
  const [fleet, queue, instances] = await Promise.all([
    store.load(Fleet, name),
    store.work(Job, queueOf(name), QUEUE),
    pool(name),
  ]);
  return { fleet: present([fleet]), queue: present(queue), instances };
}

const present = <S>(loaded: readonly { readonly state: S | undefined }[]): S[] =>
  loaded.flatMap(({ state }) => state ?? []);
