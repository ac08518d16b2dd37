import type { InstanceId, JobId } from '../kernel/ids.ts';
import { HOUR, type Instant } from '../kernel/instant.ts';
import type { OfferTerms } from '../planning/offer.ts';
import type { FleetEvent, FleetLimits } from './events.ts';
import { isApart } from './placement-group.ts';
import { type Amounts, NOTHING, roomOf, shortOf } from './room.ts';
import type { FleetState } from './state.ts';

export const room = (fleet: FleetState): number => fleet.limits.instances - fleet.reservations.length;

/** How long an instance has to be paid for; `null`: nobody knows. Only a budget asks. */
export interface Span {
  readonly from: Instant;
  readonly until: Instant | null;
}

/** Takes a place under the limits, once per submission: the arbiter of launches. A paused fleet has none. */
export function reserve(
  fleet: FleetState,
  launch: { instance: InstanceId; job: JobId; submission: number; offer: OfferTerms },
  span: Span = { from: 0, until: null },
): FleetEvent[] {
  const taken = fleet.reservations.some(
    ({ claim }) => claim?.job === launch.job && claim.submission === launch.submission,
  );
  const budgeted = hasBudget(fleet);
  if (isApart(fleet, launch.offer.zone)) return [];
  if (taken || fleet.closed || fleet.phase.kind === 'deleted' || (budgeted && span.until === null)) return [];
  if (shortOf(roomOf(fleet), toLaunch(fleet, launch.offer, span)) !== null) return [];
  const { instance } = launch;
  return [
    { type: 'LaunchReserved', ...launch },
    ...(budgeted && span.until !== null
      ? [{ type: 'CostCommitted' as const, instance, until: span.until }]
      : []),
  ];
}

/** What a launch takes of the fleet's limits. */
export const toLaunch = (
  fleet: FleetState | undefined,
  { price, resources }: OfferTerms,
  { from, until }: Span,
): Amounts => ({
  ...{ instances: 1, vcpus: resources.cpus, price },
  money: until === null || !hasBudget(fleet) ? 0 : (price * (until - from)) / HOUR,
});

/** What another job on an instance takes: nothing but what it makes it cost. */
export function toReuse(fleet: FleetState | undefined, instance: InstanceId, until: Instant | null): Amounts {
  if (until === null || !hasBudget(fleet)) return NOTHING;
  const held = fleet?.reservations.find((reservation) => reservation.instance === instance);
  const more = Math.max(0, until - (held?.paid_until ?? until));
  return { ...NOTHING, money: ((held?.offer.price ?? 0) * more) / HOUR };
}

/** Commits what another job on an instance may cost. */
export function prolong(
  fleet: FleetState | undefined,
  instance: InstanceId,
  until: Instant | null,
): FleetEvent[] | 'no-room' {
  if (fleet === undefined || !hasBudget(fleet)) return [];
  const held = fleet.reservations.find((reservation) => reservation.instance === instance);
  if (held === undefined || until === null) return 'no-room';
  if (shortOf(roomOf(fleet), toReuse(fleet, instance, until)) !== null) return 'no-room';
  return (held.paid_until ?? 0) >= until ? [] : [{ type: 'CostCommitted', instance, until }];
}

const hasBudget = (fleet: FleetState | undefined): boolean =>
  (fleet?.configuration?.limits.budget ?? null) !== null;

export const giveBack = (fleet: FleetState, instance: InstanceId): FleetEvent[] =>
  fleet.reservations.some((reservation) => reservation.instance === instance)
    ? [{ type: 'ReservationReleased', instance }]
    : [];

/** The launch came to nothing: its place is free, and nothing was spent. */
export const cancel = (fleet: FleetState, instance: InstanceId): FleetEvent[] =>
  fleet.reservations.some((reservation) => reservation.instance === instance)
    ? [{ type: 'ReservationCancelled', instance }]
    : [];

/** The default fleet comes into being with its first use and follows the deployment's limit, until somebody configures it. */
export function ensure(fleet: FleetState | undefined, project: string, limits: FleetLimits): FleetEvent[] {
  if (fleet === undefined) return [{ type: 'FleetCreated', project, limits }];
  if (fleet.configuration !== null || fleet.phase.kind === 'deleted') return [];
  return fleet.limits.instances === limits.instances ? [] : [{ type: 'FleetLimitsChanged', limits }];
}
