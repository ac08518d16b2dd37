import { mayLeave } from '../fleet/nodes.ts';
import type { InstanceId, RunId } from '../kernel/ids.ts';
import type { RunState } from '../run/state.ts';
import { type Decision, decisionOn } from './decision.ts';
import { fullOfKeptNodes } from './full-of-kept-nodes.ts';
import { type Missing, makeRoom } from './make-room.ts';
import type { Asked, Planner } from './planner.ts';
import type { Pooled, Snapshot, Waiting } from './snapshot.ts';
import { type PassStock, stockOf } from './stock.ts';
import { firstTurn, type Turn, turnAfter } from './turn.ts';
import type { Verdict } from './verdict.ts';

/** A pass under way: what there is to give, each thing once, and what has been decided. */
export interface Pass {
  readonly planner: Planner;
  readonly pool: readonly Pooled[];
  readonly runs: ReadonlyMap<RunId, RunState>;
  readonly stock: PassStock;
  /** What whoever is served now finds. */
  turn: Turn;
  /** The run that what becomes free is kept for: of those that may keep it, the first that waits. */
  keeper: string | null;
  /** Why the nodes that the fleet keeps leave no place for this, ever; `null`: they may. */
  whyNever(asked: Asked): string | null;
  /** Carries a verdict over to what the next finds. */
  settle(one: Waiting, verdict: Verdict): void;
  settleAll(all: readonly Waiting[], verdict: Verdict): void;
  /** The places that some nodes of a run have are of no use to it. */
  giveBack(run: RunId, message: string): void;
  /** Idle instances that are not to make room, though nobody takes them. */
  spare(instances: readonly InstanceId[]): void;
  /** All that was decided, and which of the idle instances that are left make room. */
  decisions(): Decision[];
}

export function passOver(snapshot: Snapshot, planner: Planner): Pass {
  const { pool, runs, fleet } = snapshot;
  const stock = stockOf(pool, planner);
  const decided: Decision[] = [];
  const lacks: Missing[] = [];
  const spared = new Set<InstanceId>();
  const pass: Pass = {
    ...{ planner, pool, runs, stock, keeper: null },
    turn: firstTurn(snapshot),
    whyNever: fullOfKeptNodes(planner, fleet, pool),
    settle(one, verdict) {
      if (verdict.kind === 'place') stock.take(verdict);
      if (verdict.kind === 'launch') stock.add(one.id, verdict);
      if (verdict.kind === 'wait' && verdict.lacks) lacks.push(verdict.lacks);
      decided.push(decisionOn(one.id, verdict));
      pass.turn = turnAfter(pass.turn, verdict);
    },
    settleAll(all, verdict) {
      for (const one of all) pass.settle(one, verdict);
    },
    giveBack: (run, message) => void decided.push({ kind: 'give-back', run, message }),
    spare(instances) {
      for (const id of instances) spared.add(id);
    },
    decisions() {
      // Those that a fleet keeps would only be ordered again.
      if (fleet && !mayLeave(fleet)) return decided;
      const unused = stock.left().filter(({ id }) => !spared.has(id));
      return [...decided, ...makeRoom(lacks, unused, pool)];
    },
  };
  return pass;
}
