import { MINUTE } from '../../domain/kernel/instant.ts';
import type { Reactive } from '../react/ports.ts';
import type { LivePools } from './pools.ts';

const EVERY = 3 * MINUTE;

/** Idle instances hear from us now and then: else their dead-man timer takes it that nobody is left to end them. */
export async function keepInTouch(on: Reactive, pool: Promise<LivePools>): Promise<unknown[]> {
  if (Math.floor(on.runtime.now() / MINUTE) % (EVERY / MINUTE) !== 0) return [];
  const idle = (await pool).flatMap(({ state }) => (state?.phase.kind === 'idle' ? [state.phase.ec2] : []));
  if (idle.length > 0) await on.commands.touch(idle);
  return [];
}
