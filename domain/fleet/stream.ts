import type { Stream } from '../kernel/stream.ts';
import { orderDue } from './admission.ts';
import { FleetEvent } from './events.ts';
import { evolve, type FleetState } from './state.ts';
import { summary } from './view.ts';

export const fleetList = (project: string): string => `fleets#${project}`;

export const Fleet: Stream<FleetState, FleetEvent> = {
  name: 'Fleet',
  event: FleetEvent,
  evolve,
  view: summary,
  placement: (fleet, id) => ({ list: { key: fleetList(fleet.project), sort: id }, ...orderDue(fleet) }),
};
