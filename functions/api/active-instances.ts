import { MOST_INSTANCES } from '../../domain/configuration/most-instances.ts';
import { fleetList } from '../../domain/fleet/stream.ts';
import type { InstanceState } from '../../domain/instance/state.ts';
import { Instance, poolOf } from '../../domain/instance/stream.ts';
import type { Api } from './context.ts';

/** All of a project's instances that have not ended. */
export async function activeInstances(
  api: Pick<Api, 'store'>,
  project: string,
): Promise<{ id: string; state: InstanceState }[]> {
  const fleets = await api.store.list(fleetList(project), 200);
  if (fleets === 'bad-cursor') throw new Error('a list without a cursor refused its cursor');
  const pools = await Promise.all(
    fleets.items.map(({ id }) => api.store.work(Instance, poolOf(id), MOST_INSTANCES)),
  );
  return pools.flat().flatMap(({ id, state }) => (state ? [{ id, state }] : []));
}
