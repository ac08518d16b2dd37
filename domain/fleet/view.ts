import { iso } from '../kernel/instant.ts';
import { memoryOf } from './memory.ts';
import type { FleetState } from './state.ts';

/** What lists show of a fleet. The API's schema `FleetSummary` has the same fields. */
export function summary(fleet: FleetState, name: string) {
  return {
    name,
    project: fleet.project,
    instances: fleet.reservations.length,
    limits: fleet.limits,
    price: fleet.reservations.reduce((total, { offer }) => total + offer.price, 0),
    unavailable: fleet.unavailable.map(({ until, ...offering }) => ({ ...offering, until: iso(until) })),
    quotas: fleet.quotas.map(({ until, since, ...quota }) => ({
      ...quota,
      since: iso(since),
      until: iso(until),
    })),
    /** For the passes and plans of the other fleets. */
    memory: memoryOf(fleet),
    admission: admissionOf(fleet),
    created_at: iso(fleet.created_at),
  };
}

/** Whether it takes jobs, and by whose word it does not. */
function admissionOf({ closed }: FleetState) {
  if (!closed) return { status: 'open', order: null, by: null, reason: null, since: null };
  const { kind, by, reason, at } = closed;
  return { status: 'paused', order: kind, by, reason, since: iso(at) };
}
