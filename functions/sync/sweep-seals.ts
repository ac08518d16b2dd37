import type { SealRef } from '../../domain/job/bundles.ts';
import { MINUTE } from '../../domain/kernel/instant.ts';
import { Run } from '../../domain/run/stream.ts';
import type { Reactive } from '../react/ports.ts';

const EVERY = 60 * MINUTE;

// A request seals first and records the run after it: within its 29 s, which is the API's timeout.
const GRACE = 60 * MINUTE;

/**
 * Erases the seals that no unfinished run names: of a request that died before its run was recorded, or of a run whose
 * end could not erase its own. The bucket has no lifecycle rule for seals, since a run may wait for longer than any.
 */
export async function sweepSeals(on: Reactive): Promise<unknown[]> {
  if (Math.floor(on.runtime.now() / MINUTE) % (EVERY / MINUTE) !== 0) return [];
  const errors: unknown[] = [];
  const before = on.runtime.now() - GRACE;
  for (let page = await on.bundles.seals(); ; page = await on.bundles.seals(page.next)) {
    const results = await Promise.allSettled(
      page.items.filter(({ at }) => at <= before).map((seal) => eraseUnneeded(on, seal)),
    );
    errors.push(...results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : [])));
    if (page.next === undefined) return errors;
  }
}

async function eraseUnneeded(on: Reactive, { run, seal }: SealRef): Promise<void> {
  const { state } = await on.store.load(Run, run);
  const needed = state !== undefined && state.seal === seal && state.phase.kind !== 'finished';
  if (!needed) await on.bundles.eraseSeal({ run, seal });
}
