import type { Room } from '../fleet/room.ts';
import { dollars } from '../kernel/dollars.ts';
import { keptForGood } from './full-of-kept-nodes.ts';
import type { Gang } from './gang.ts';
import { placeGang } from './place-gang.ts';
import type { Planner } from './planner.ts';
import type { Pooled } from './snapshot.ts';
import { type Turn, turnAlone } from './turn.ts';

/** Why a fleet will never have room for all nodes of a run at once, even if it were all alone; `null`: it may have. */
export function tooSmallFor(planner: Planner, gang: Gang, turn: Turn): string | null {
  const alone = placeGang(planner, gang, turnAlone(turn), { pool: [], idle: [] });
  return alone.kind === 'wait' && alone.for === 'fleet_limit'
    ? `its fleet is too small for all ${gang.nodes} nodes, even empty: ${inWords(turn.room)}`
    : null;
}

/** Why there is never room for all nodes of a run beside those that its fleet keeps, once these are free; `null`: there may be. */
export function crowdedOut(planner: Planner, gang: Gang, turn: Turn, pool: readonly Pooled[]): string | null {
  const kept = keptForGood(turn.fleet, pool);
  // What was launched before it in this pass leaves again.
  if (kept.length === 0 || turn.launched.length > 0) return null;
  const { limits, used } = turn.room;
  // What the jobs on them do not use up of a budget is free with them.
  const room = { limits: { ...limits, money: null }, used };
  const beside = placeGang(planner, gang, { ...turnAlone(turn), room }, { pool: kept, idle: kept });
  return beside.kind === 'wait' && beside.for === 'fleet_limit'
    ? `its fleet has no room for all ${gang.nodes} nodes beside the ${kept.length} that it keeps: ${inWords(turn.room)}`
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
