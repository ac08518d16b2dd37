import type { Instant } from '../kernel/instant.ts';
import { type Gang, gathered } from './gang.ts';
import type { Pass } from './pass.ts';
import { isKept } from './patience.ts';
import { type GangVerdict, placeGang } from './place-gang.ts';
import type { Waiting } from './snapshot.ts';
import { crowdedOut, tooSmallFor } from './too-small.ts';
import { turnTogether } from './turn.ts';
import { type Hopeless, hopeless, waits } from './verdict.ts';

/** The nodes of a run, which get their places together or not at all. */
export function serveGang(pass: Pass, nodes: readonly [Waiting, ...Waiting[]]): void {
  const { planner, pool, turn } = pass;
  const { run, run_name } = nodes[0].state;
  const gang = gathered(pass.runs.get(run), nodes, turn.fleet);
  if (gang === undefined) return pass.settleAll(nodes.filter(isOverdue(turn.now)), notGathered);
  const verdict = placeGang(planner, gang, turn, { pool, idle: pass.stock.left() });
  const inVain = gang.zone === null ? null : whyInVain(verdict);
  if (inVain !== null) return pass.giveBack(run, inVain);
  switch (verdict.kind) {
    case 'all':
      pass.turn = turnTogether(turn, nodes.length);
      break;
    case 'hopeless':
      return pass.settleAll(nodes, verdict);
    case 'wait': {
      const never = verdict.for === 'fleet_limit' && gang.zone === null ? whyNever(pass, gang) : null;
      if (never !== null) return pass.settleAll(nodes, never);
      const forPlaces = verdict.for === 'fleet_limit' || verdict.for === 'busy_instances';
      if (forPlaces && isKept(turn.now - Math.min(...nodes.map(waitingSince)))) pass.keeper = run_name;
      pass.spare(verdict.spared);
    }
  }
  for (const { member, verdict: own } of verdict.each) pass.settle(member, own);
}

function whyNever({ planner, pool, turn }: Pass, gang: Gang): Hopeless | null {
  const small = tooSmallFor(planner, gang, turn);
  if (small !== null) return hopeless('never_fits', small);
  const crowded = crowdedOut(planner, gang, turn, pool);
  return crowded === null ? null : hopeless('no_capacity', crowded);
}

/** They come to wait one after the other: before the first look at one is due, that is nothing to tell. */
const isOverdue =
  (now: Instant) =>
  ({ state: { phase } }: Waiting): boolean =>
    phase.kind === 'waiting' && now >= phase.look_at;

const notGathered = waits('gang', 'the other nodes of its run are not ready to be placed with it');

/** Why those that have their places wait for nothing that comes soon. */
function whyInVain(verdict: GangVerdict): string | null {
  switch (verdict.kind) {
    case 'all':
      return null;
    case 'wait':
      return verdict.for === 'capacity' ? verdict.message : null;
    case 'hopeless':
      return verdict.message;
  }
}

const waitingSince = ({ state: { phase } }: Waiting): number =>
  phase.kind === 'waiting' ? phase.since : Number.POSITIVE_INFINITY;
