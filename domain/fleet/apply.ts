import { fail, ok, type Result } from '../kernel/result.ts';
import type { FleetEvent } from './events.ts';
import { isConfiguredAs } from './rollout.ts';
import { roomOf } from './room.ts';
import type { FleetState } from './state.ts';
import type { StoredFleet } from './stored-fleet.ts';

export type ApplyRefusal =
  /** A fleet of this name was deleted, and its last instances are still there. */
  | { readonly kind: 'still-ending'; readonly instances: number }
  /** What instances cost that were launched without a budget was never committed. */
  | { readonly kind: 'unbudgeted-instances'; readonly instances: number }
  | { readonly kind: 'budget-used'; readonly used: number }
  /** No instance moves into a placement group, nor out of it. */
  | { readonly kind: 'placed-instances'; readonly instances: number };

/** Creates the fleet, or changes it in place; the same configuration again changes nothing. */
export function configure(
  fleet: FleetState | undefined,
  project: string,
  configuration: StoredFleet,
): Result<FleetEvent[], ApplyRefusal> {
  const { budget, instances } = configuration.limits;
  const configured: FleetEvent = { type: 'FleetConfigured', configuration };
  const changed: FleetEvent[] = [configured, { type: 'RolloutStarted' }];
  const created: FleetEvent = { type: 'FleetCreated', project, limits: { instances } };
  if (fleet === undefined) return ok([created, configured]);
  if (fleet.phase.kind === 'deleted')
    return fleet.reservations.length > 0
      ? fail({ kind: 'still-ending', instances: fleet.reservations.length })
      : ok([created, configured]);
  if (isConfiguredAs(fleet, configuration)) return ok([]);
  const placement = fleet.configuration?.placement ?? 'any';
  if (configuration.placement !== placement && fleet.reservations.length > 0)
    return fail({ kind: 'placed-instances', instances: fleet.reservations.length });
  if (budget !== null) {
    const unpaid = fleet.reservations.filter(({ paid_until }) => paid_until === null);
    if (unpaid.length > 0) return fail({ kind: 'unbudgeted-instances', instances: unpaid.length });
    const { money } = roomOf(fleet).used;
    if (money > budget) return fail({ kind: 'budget-used', used: money });
  }
  return ok(changed);
}

/** It takes no jobs from here on, and its instances end. */
export const remove = (fleet: FleetState): FleetEvent[] =>
  fleet.phase.kind === 'deleted' ? [] : [{ type: 'FleetDeleted' }];
