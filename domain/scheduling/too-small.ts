import { dollars, NOTHING, type Room } from '../fleet/room.ts';
import type { FleetState } from '../fleet/state.ts';
import type { Instant } from '../kernel/instant.ts';
import { best } from './best.ts';
import { type GangTurn, placeGang, type Serving } from './gang.ts';
import type { Placing } from './placing.ts';
import { wholeStock } from './stock.ts';

/** Why a fleet will never have room for all nodes of a run at once, even if it were all alone; `null`: it may have. */
export function tooSmallFor(
  place: Placing,
  turn: GangTurn,
  { fleet, now, after }: { fleet: FleetState | undefined; now: Instant; after: Serving['after'] },
): string | null {
  const { nodes, most } = turn;
  const launches = Math.max(most, nodes);
  const empty = { ...turn.left, room: { ...turn.left.room, used: NOTHING }, soon: 0, launches };
  const alone = placeGang(
    place,
    { ...turn, zone: null, pool: [], left: empty },
    {
      stock: () => wholeStock([], place),
      best: (stock, { state }, asked, pool, { room, soon, conditions, launches: left }) =>
        best(place, stock, state, asked, {
          ...{ pool, fleet, conditions, now, room, soon, kept: 0 },
          launches: { left, most: launches },
        }),
      after,
    },
  );
  return alone.kind === 'wait' && alone.verdict.wait.kind === 'fleet_limit'
    ? `its fleet is too small for all ${nodes} nodes, even empty: ${inWords(turn.left.room)}`
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
