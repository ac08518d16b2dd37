import type { RunId } from '../kernel/ids.ts';
import { change, type Provenance } from '../kernel/stream.ts';
import { transact } from '../kernel/transact.ts';
import { Run } from '../run/stream.ts';
import type { Coordination } from './move-job.ts';

/** Some nodes have their places and the others find none beside them: the intent to free what they have. */
export function giveBack(
  on: Coordination,
  provenance: Provenance,
  id: RunId,
  message: string,
): Promise<void> {
  return transact<void>(on, provenance, async (read) => {
    const run = await read(Run, id);
    const phase = run.state?.phase.kind === 'active' ? run.state.gang?.phase : undefined;
    if (phase?.kind !== 'gathering' || phase.since === null) return { changes: [], result: undefined };
    return {
      changes: [change(run, [{ type: 'GangGivenBack', message }], on.runtime.now())],
      result: undefined,
    };
  });
}
