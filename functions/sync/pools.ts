import type { InstanceEvent } from '../../domain/instance/events.ts';
import type { InstanceState } from '../../domain/instance/state.ts';
import { Instance, poolOf } from '../../domain/instance/stream.ts';
import type { Loaded } from '../../domain/kernel/stream.ts';
import type { Reactive } from '../react/ports.ts';
import { fleetNames } from './fleet-names.ts';

/** Of one fleet. What is beyond is not looked for; what the cloud lists of it is read one by one. */
const INSTANCES = 10_000;

/** The live instances of all fleets as the index shows them: it may be behind their heads. */
export async function livePools(on: Reactive): Promise<Loaded<InstanceState, InstanceEvent>[]> {
  const fleets = await fleetNames(on);
  const pools = await Promise.all(fleets.map((fleet) => on.store.work(Instance, poolOf(fleet), INSTANCES)));
  return pools.flat();
}
