import { type InstanceOrder, type OrderTooLate, operate } from '../instance/operate.ts';
import { Instance } from '../instance/stream.ts';
import type { InstanceId } from '../kernel/ids.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import { saidBy } from '../kernel/said-by.ts';
import { change, type Provenance } from '../kernel/stream.ts';
import { transact } from '../kernel/transact.ts';
import { loseJobs } from './end-instance.ts';
import type { Coordination } from './move-job.ts';

export type OrderRefusal = { readonly kind: 'unknown-instance' } | OrderTooLate;

/** Records an operator's order. A killed instance's jobs learn of it in the same append, as of one that vanished. */
export function operateInstance(
  on: Coordination,
  provenance: Provenance,
  id: InstanceId,
  order: InstanceOrder,
): Promise<Result<'recorded', OrderRefusal>> {
  return transact<Result<'recorded', OrderRefusal>>(on, provenance, async (read) => {
    const instance = await read(Instance, id);
    if (instance.state === undefined) return { changes: [], result: fail({ kind: 'unknown-instance' }) };
    const decided = operate(instance.state, order);
    if (!decided.ok) return { changes: [], result: decided };
    const now = on.runtime.now();
    const events = decided.value;
    const message = `its instance was killed ${saidBy(order)}`;
    const lost =
      order.to === 'kill' && events.length > 0
        ? await loseJobs(read, instance, 'interrupted_by_no_capacity', message, now)
        : [];
    const changes = events.length > 0 ? [change(instance, events, now), ...lost] : [];
    return { changes, result: ok('recorded') };
  });
}
