import { liveInstances, type Pool } from '../../domain/coordination/live-instances.ts';
import { MINUTE } from '../../domain/kernel/instant.ts';
import type { Reactive } from '../react/ports.ts';
import { poolsOnce } from './pools.ts';

const EVERY = 3 * MINUTE;

/** Idle instances hear from us now and then: else their dead-man timer takes it that nobody is left to end them. */
export async function keepInTouch(on: Reactive, pools: Pool = poolsOnce(on)): Promise<unknown[]> {
  if (Math.floor(on.runtime.now() / MINUTE) % (EVERY / MINUTE) !== 0) return [];
  const idle = (await liveInstances(on.store, 'main', pools)).flatMap(({ state }) =>
    state.phase.kind === 'idle' ? [state.phase.ec2] : [],
  );
  if (idle.length > 0) await on.commands.touch(idle);
  return [];
}
