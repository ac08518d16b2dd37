import { MOST_INSTANCES } from '../../domain/configuration/most-instances.ts';
import type { InstanceState } from '../../domain/instance/state.ts';
import { Instance, poolOf } from '../../domain/instance/stream.ts';
import type { Reactive } from '../react/ports.ts';
import { fleetNames } from './fleet-names.ts';

export interface LiveInstance {
  readonly id: string;
  readonly state: InstanceState;
}

/** A fleet's live instances as the index shows them: it may be behind their heads. */
export type Pool = (fleet: string) => Promise<readonly LiveInstance[]>;

/** Read once, however many ask. */
export function poolsOnce(on: Reactive): Pool {
  const read = new Map<string, ReturnType<Pool>>();
  return (fleet) => {
    const known = read.get(fleet) ?? livePool(on, fleet);
    read.set(fleet, known);
    return known;
  };
}

async function livePool(on: Reactive, fleet: string): Promise<LiveInstance[]> {
  const loaded = await on.store.work(Instance, poolOf(fleet), MOST_INSTANCES);
  return loaded.flatMap(({ id, state }) => (state ? [{ id, state }] : []));
}

/** Those of all fleets. */
export async function livePools(on: Reactive, pool: Pool): Promise<LiveInstance[]> {
  const fleets = await fleetNames(on);
  return (await Promise.all(fleets.map(pool))).flat();
}
