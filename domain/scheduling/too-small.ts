import { dollars, type Room } from '../fleet/room.ts';
import type { Gang } from './gang.ts';
import { placeGang } from './place-gang.ts';
import type { Planner } from './planner.ts';
import { type Turn, turnAlone } from './turn.ts';

/** Why a fleet will never have room for all nodes of a run at once, even if it were all alone; `null`: it may have. */
export function tooSmallFor(planner: Planner, gang: Gang, turn: Turn): string | null {
  const alone = placeGang(planner, gang, turnAlone(turn), { pool: [], idle: [] });
  return alone.kind === 'wait' && alone.for === 'fleet_limit'
    ? `its fleet is too small for all ${gang.nodes} nodes, even empty: ${inWords(turn.room)}`
    : null;
}

function inWords({ limits: { instances, vcpus, price, money } }: Room): string {
  const said = [
    ...(instances === null ? [] : [`${instances} instances`]),
    ...(vcpus === null ? [] : [`${vcpus} vCPUs`]),
    ...(price === null ? [] : [`${dollars(price)}/h`]),
    ...(money === null ? [] : [`a budget of ${dollars(money)}`]),
  ];
  return `its limits are ${said.join(', ')}`;
}
