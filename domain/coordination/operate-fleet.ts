import { carriedOut, type FleetOrder, orderFleet } from '../fleet/admission.ts';
import { Fleet } from '../fleet/stream.ts';
import type { FleetName } from '../kernel/ids.ts';
import { changesOf, type Provenance } from '../kernel/stream.ts';
import { transact } from '../kernel/transact.ts';
import type { Coordination } from './move-job.ts';

type FleetOrdered =
  | { readonly kind: 'recorded' | 'unknown-fleet' }
  /** It takes no order any more. `instances`: of those that it had, so many have not ended yet. */
  | { readonly kind: 'deleted-fleet'; readonly instances: number };

/** Records an operator's order to a project's fleet: the intent. The fleet's reaction carries it out. */
export function operateFleet(
  on: Coordination,
  provenance: Provenance,
  { fleet: name, project, ...order }: Omit<FleetOrder, 'at'> & { fleet: FleetName; project: string },
): Promise<FleetOrdered> {
  return transact<FleetOrdered>(on, provenance, async (read) => {
    const fleet = await read(Fleet, name);
    if (fleet.state?.project !== project) return { changes: [], result: { kind: 'unknown-fleet' } };
    if (fleet.state.phase.kind === 'deleted')
      return {
        changes: [],
        result: { kind: 'deleted-fleet', instances: fleet.state.reservations.length },
      };
    const events = orderFleet(fleet.state, order);
    return {
      changes: changesOf(fleet, events, on.runtime.now()),
      result: { kind: 'recorded' },
    };
  });
}

/** Every instance has this order now, unless another has taken its place. */
export function recordCarriedOut(
  on: Coordination,
  provenance: Provenance,
  name: FleetName,
  order: FleetOrder,
): Promise<void> {
  return transact<void>(on, provenance, async (read) => {
    const fleet = await read(Fleet, name);
    const events = fleet.state ? carriedOut(fleet.state, order) : [];
    return {
      changes: changesOf(fleet, events, on.runtime.now()),
      result: undefined,
    };
  });
}
