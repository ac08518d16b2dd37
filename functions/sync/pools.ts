import { MOST_INSTANCES } from '../../domain/configuration/most-instances.ts';
import type { InstanceEvent } from '../../domain/instance/events.ts';
import type { InstanceState } from '../../domain/instance/state.ts';
import { Instance, poolOf } from '../../domain/instance/stream.ts';
import type { Loaded } from '../../domain/kernel/stream.ts';
import type { Reactive } from '../react/ports.ts';
import { fleetNames } from './fleet-names.ts';

export type LivePools = readonly Loaded<InstanceState, InstanceEvent>[];

/** The live instances of all fleets as the index shows them: it may be behind their heads. */
export async function livePools(on: Reactive): Promise<LivePools> {
  const fleets = await fleetNames(on);
  const pools = await Promise.all(
    fleets.map((fleet) => on.store.work(Instance, poolOf(fleet), MOST_INSTANCES)),
  );
  return pools.flat();
}
