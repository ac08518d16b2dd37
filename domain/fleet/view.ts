import { iso } from '../kernel/instant.ts';
import { committed } from './budget.ts';
import { memoryOf } from './memory.ts';
import { clusterOf } from './placement-group.ts';
import type { FleetState } from './state.ts';

const statusOf = ({ phase, reservations, group }: FleetState) =>
  phase.kind === 'active' ? 'active' : reservations.length > 0 || group ? 'deleting' : 'deleted';

/** What lists show of a fleet. The API's schema `FleetSummary` has the same fields. */
export function summary(fleet: FleetState, name: string) {
  return {
    name,
    project: fleet.project,
    instances: fleet.reservations.length,
    status: statusOf(fleet),
    vcpus: fleet.reservations.reduce((total, { offer }) => total + offer.vcpus, 0),
    limits: fleet.configuration?.limits ?? {
      ...fleet.limits,
      vcpus: null,
      price_per_hour: null,
      budget: null,
    },
    price: fleet.reservations.reduce((total, { offer }) => total + offer.price, 0),
    spent: fleet.spent,
    committed: fleet.reservations.reduce((total, reservation) => total + committed(reservation), 0),
    unavailable: fleet.unavailable.map(({ until, ...offering }) => ({ ...offering, until: iso(until) })),
    quotas: fleet.quotas.map(({ until, since, ...quota }) => ({
      ...quota,
      since: iso(since),
      until: iso(until),
    })),
    /** For the passes and plans of the other fleets. */
    memory: memoryOf(fleet),
    admission: admissionOf(fleet),
    placement_group: groupOf(fleet),
    created_at: iso(fleet.created_at),
  };
}

/** Where its instances are close together, and in which zone: any, as long as there are none. */
const groupOf = (fleet: FleetState) =>
  fleet.group && {
    status: fleet.group.kind,
    name: fleet.group.kind === 'created' ? fleet.group.name : null,
    zone: clusterOf(fleet)?.zone ?? null,
  };

/** Whether it takes jobs, and by whose word it does not. */
function admissionOf({ closed, phase }: FleetState) {
  if (phase.kind === 'deleted') return { status: 'closed', order: null, by: null, reason: null, since: null };
  if (!closed) return { status: 'open', order: null, by: null, reason: null, since: null };
  const { kind, by, reason, at } = closed;
  return { status: 'paused', order: kind, by, reason, since: iso(at) };
}
