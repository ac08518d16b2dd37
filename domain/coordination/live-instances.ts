import { MOST_INSTANCES } from '../configuration/most-instances.ts';
import { fleetList } from '../fleet/stream.ts';
import type { InstanceState } from '../instance/state.ts';
import { Instance, poolOf } from '../instance/stream.ts';
import type { EventStore } from '../kernel/event-store.ts';
import type { InstanceId } from '../kernel/ids.ts';
import { wholeList } from '../kernel/whole-list.ts';

type Indexes = Pick<EventStore, 'list' | 'work'>;

export interface LiveInstance {
  readonly id: InstanceId;
  readonly state: InstanceState;
}

/** A fleet's live instances as the index shows them: it may be behind their heads. */
export type Pool = (fleet: string) => Promise<readonly LiveInstance[]>;

export const poolsIn =
  (store: Indexes): Pool =>
  (fleet) =>
    read(store, fleet, MOST_INSTANCES);

/** Those of all fleets of a project. */
export async function liveInstances(
  store: Indexes,
  project: string,
  pool: Pool = poolsIn(store),
): Promise<LiveInstance[]> {
  return (await Promise.all((await fleetNames(store, project)).map(pool))).flat();
}

/** An instance, as the place where a page ends. */
export interface PageEnd {
  readonly fleet: string;
  readonly instance: InstanceId;
}

// A deployment may have hundreds of fleets, most of them without an instance.
const SIDE_BY_SIDE = 10;

/** So many of them at the most, fleet by fleet, in each the oldest first: what comes and goes meanwhile moves no other. */
export async function livePage(
  store: Indexes,
  project: string,
  limit: number,
  after: PageEnd | undefined,
): Promise<{ readonly instances: readonly LiveInstance[]; readonly end: PageEnd | undefined }> {
  const names = await fleetNames(store, project);
  // The list has the last name first.
  const left = after === undefined ? names : names.filter((name) => name <= after.fleet);
  const found: LiveInstance[] = [];
  while (left.length > 0 && found.length <= limit) {
    const next = left.splice(0, SIDE_BY_SIDE).map((fleet) =>
      // One more than asked for tells whether there is a next page.
      read(store, fleet, limit + 1, fleet === after?.fleet ? after.instance : undefined),
    );
    found.push(...(await Promise.all(next)).flat());
  }
  const instances = found.slice(0, limit);
  const last = found.length > limit ? instances.at(-1) : undefined;
  return { instances, end: last && { fleet: last.state.fleet, instance: last.id } };
}

async function fleetNames(store: Indexes, project: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { id } of wholeList(store, fleetList(project))) names.push(id);
  return names;
}

async function read(
  store: Indexes,
  fleet: string,
  limit: number,
  after?: InstanceId,
): Promise<LiveInstance[]> {
  const loaded = await store.work(Instance, poolOf(fleet), limit, after);
  return loaded.flatMap(({ id, state }) => (state ? [{ id: id as InstanceId, state }] : []));
}
