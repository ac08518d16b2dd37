import { best } from './best.ts';
import type { Gang } from './gang.ts';
import type { Planner } from './planner.ts';
import type { Pooled, Waiting } from './snapshot.ts';
import { wholeStock } from './stock.ts';
import { type Turn, turnAfter, turnTogether } from './turn.ts';
import type { Verdict } from './verdict.ts';

/** What there is beside launches. */
export interface There {
  readonly pool: readonly Pooled[];
  /** Those of them that nobody has anything of. */
  readonly idle: readonly Pooled[];
}

export interface NodeVerdict {
  readonly member: Waiting;
  readonly verdict: Verdict;
}

/** How the nodes of a run would fare in one zone. */
export interface Trial {
  readonly zone: string;
  readonly placed: readonly NodeVerdict[];
  readonly short: readonly NodeVerdict[];
  readonly price: number;
}

export function trialIn(zone: string, planner: Planner, gang: Gang, before: Turn, there: There): Trial {
  const idle = there.idle.filter(({ state }) => state.offer.zone === zone);
  const stock = wholeStock(idle, there.pool, planner);
  const placed: NodeVerdict[] = [];
  const short: NodeVerdict[] = [];
  let turn = turnTogether(before, gang.members.length);
  let price = 0;
  for (const { member, asked } of gang.members) {
    const here = { ...asked, requirements: { ...asked.requirements, availability_zones: [zone] } };
    const verdict = best(planner, stock, member.state, here, turn);
    if (verdict.kind === 'wait' || verdict.kind === 'hopeless') {
      short.push({ member, verdict });
      continue;
    }
    turn = turnAfter(turn, verdict);
    placed.push({ member, verdict });
    price += verdict.offer.price;
    if (verdict.kind === 'place') stock.take(verdict);
  }
  return { zone, placed, short, price };
}
