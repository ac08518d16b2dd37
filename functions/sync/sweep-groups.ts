import { Fleet } from '../../domain/fleet/stream.ts';
import { FleetName } from '../../domain/kernel/ids.ts';
import { MINUTE } from '../../domain/kernel/instant.ts';
import type { Reactive } from '../react/ports.ts';

// They cost nothing, but an account may have 500 of them.
const EVERY = 10 * MINUTE;

/**
 * Placement groups with our tag that no fleet knows of are deleted: a call to create one may have done its work long
 * after it was given up. The listing first: what is created after it has its intent on record by then.
 */
export async function sweepGroups(on: Reactive): Promise<unknown[]> {
  if (Math.floor(on.runtime.now() / MINUTE) % (EVERY / MINUTE) !== 0) return [];
  const listed = await on.cloud.listGroups();
  const results = await Promise.allSettled(
    listed.map(async ({ id, fleet }) => {
      const name = FleetName.safeParse(fleet);
      const { state } = name.success ? await on.store.load(Fleet, name.data) : { state: undefined };
      // One that has instances stays until they have ended.
      if (state?.group?.id !== id) await on.cloud.deleteGroup(id);
    }),
  );
  return results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
}
