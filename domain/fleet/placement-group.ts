import type { FleetName, InstanceId } from '../kernel/ids.ts';
import { type Instant, MINUTE } from '../kernel/instant.ts';
import type { Terms } from '../planning/context.ts';
import type { FleetEvent } from './events.ts';
import type { PlacementGroupEvent } from './placement-group-events.ts';
import type { FleetState } from './state.ts';

// With `placement: cluster` a fleet's instances are in one of EC2's cluster placement groups, close together in one zone.
// It is made for the first launch and deleted when no instance is left and the fleet is gone, or wants it no more.

export type PlacementGroup =
  | { readonly kind: 'requested'; readonly id: string; readonly at: Instant }
  /** `name`: EC2's. */
  | { readonly kind: 'created'; readonly id: string; readonly name: string; readonly at: Instant }
  | { readonly kind: 'released'; readonly id: string; readonly at: Instant };

const wantsGroup = ({ configuration, phase }: FleetState): boolean =>
  phase.kind === 'active' && configuration?.placement === 'cluster';

/** Where what is launched next has to be: with those that are there, the group is in one zone. */
export function clusterOf(fleet: FleetState | undefined): Terms['cluster'] {
  if (fleet?.configuration?.placement !== 'cluster') return null;
  return { zone: fleet.reservations[0]?.offer.zone ?? null };
}

/** Whether an instance there would be apart from the others. */
export function isApart(fleet: FleetState | undefined, zone: string): boolean {
  const there = clusterOf(fleet)?.zone ?? zone;
  return there !== zone;
}

/** Another for each time that a fleet needs one: a name just deleted is not free everywhere yet. */
export const groupIdFor = (fleet: FleetName, first: InstanceId): string => `${fleet}-${first.slice(-8)}`;

/** The intent to create one, before EC2 hears of it. */
export const requestGroup = (fleet: FleetState, id: string): FleetEvent[] =>
  fleet.group === null && fleet.configuration?.placement === 'cluster'
    ? [{ type: 'PlacementGroupRequested', group: id }]
    : [];

export const groupCreated = ({ group }: FleetState, id: string, name: string): FleetEvent[] =>
  group?.kind === 'requested' && group.id === id ? [{ type: 'PlacementGroupCreated', group: id, name }] : [];

/** One that has no instance and that its fleet does not want. */
export function unwantedGroup(fleet: FleetState): PlacementGroup | null {
  const { group, reservations } = fleet;
  if (group?.kind === 'released') return group;
  return reservations.length === 0 && !wantsGroup(fleet) ? group : null;
}

/** The intent to delete it: from here on nothing is launched into it. */
export function releaseGroup(fleet: FleetState): FleetEvent[] {
  const unwanted = unwantedGroup(fleet);
  return unwanted === null || unwanted.kind === 'released'
    ? []
    : [{ type: 'PlacementGroupReleased', group: unwanted.id }];
}

export const groupDeleted = ({ group }: FleetState, id: string): FleetEvent[] =>
  group?.kind === 'released' && group.id === id ? [{ type: 'PlacementGroupDeleted', group: id }] : [];

export function evolveGroup(event: PlacementGroupEvent, at: Instant): PlacementGroup | null {
  const { group: id } = event;
  switch (event.type) {
    case 'PlacementGroupRequested':
      return { kind: 'requested', id, at };
    case 'PlacementGroupCreated':
      return { kind: 'created', id, name: event.name, at };
    case 'PlacementGroupReleased':
      return { kind: 'released', id, at };
    case 'PlacementGroupDeleted':
      return null;
  }
}

/** For a doorbell that was lost, and what EC2 would not delete yet. */
export function groupDue(fleet: FleetState): { due?: Instant } {
  const unwanted = unwantedGroup(fleet);
  if (unwanted === null) return {};
  const since = fleet.phase.kind === 'deleted' ? Math.max(fleet.phase.at, unwanted.at) : unwanted.at;
  return { due: since + MINUTE };
}
