import type { Stream } from '../kernel/stream.ts';
import { orderDue } from './admission.ts';
import { FleetEvent } from './events.ts';
import { nextAction } from './next-action.ts';
import { evolve, type FleetState } from './state.ts';
import { nextUpkeep, upkeepDue } from './upkeep.ts';
import { summary } from './view.ts';

export const fleetList = (project: string): string => `fleets#${project}`;
/** Their history stays. */
export const deletedFleets = (project: string): string => `deleted-fleets#${project}`;

export const Fleet: Stream<FleetState, FleetEvent> = {
  name: 'Fleet',
  shape: 6,
  event: FleetEvent,
  evolve,
  rests: (fleet, at) => nextAction(fleet, at).kind === 'rest' && nextUpkeep(fleet, at).kind === 'rest',
  view: summary,
  placement: (fleet, id) => {
    const dues = [upkeepDue(fleet), orderDue(fleet).due].filter((due) => due !== undefined);
    // As long as it has instances, sync has to find it.
    const over = fleet.phase.kind === 'deleted' && fleet.reservations.length === 0 && fleet.group === null;
    const list = over ? deletedFleets(fleet.project) : fleetList(fleet.project);
    return { list: { key: list, sort: id }, ...(dues.length > 0 ? { due: Math.min(...dues) } : {}) };
  },
};
