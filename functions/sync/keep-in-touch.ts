import { Instance, poolOf } from '../../domain/instance/stream.ts';
import { MINUTE } from '../../domain/kernel/instant.ts';
import type { Reactive } from '../react/ports.ts';
import { fleetNames } from './fleet-names.ts';

const EVERY = 3 * MINUTE;

/** Idle instances hear from us now and then: else their dead-man timer takes it that nobody is left to end them. */
export async function keepInTouch(on: Reactive): Promise<unknown[]> {
  if (Math.floor(on.runtime.now() / MINUTE) % (EVERY / MINUTE) !== 0) return [];
  const fleets = await fleetNames(on);
  const pools = await Promise.all(fleets.map((fleet) => on.store.work(Instance, poolOf(fleet), 1_000)));
  const idle = pools.flat().flatMap(({ state }) => (state?.phase.kind === 'idle' ? [state.phase.ec2] : []));
  if (idle.length > 0) await on.commands.probe(idle);
  return [];
}
