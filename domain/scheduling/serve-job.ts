import { best } from './best.ts';
import type { Pass } from './pass.ts';
import { askedBy } from './planner.ts';
import type { Waiting } from './snapshot.ts';
import { hopeless, type Verdict } from './verdict.ts';

export function serveJob({ planner, stock, turn, whyNever, settle }: Pass, one: Waiting): void {
  const { state } = one;
  const asked = askedBy(turn.fleet, state);
  const verdict = best(planner, stock, state, asked, turn);
  // What was launched before it in this pass leaves again.
  const never = lacksPlaces(verdict) && turn.launched.length === 0 ? whyNever(asked) : null;
  if (never !== null) return settle(one, hopeless('no_capacity', never));
  if (verdict.kind === 'wait' && verdict.wait.kind !== 'throttled') stock.keep(asked, state.priority);
  settle(one, verdict);
}

const lacksPlaces = (verdict: Verdict): boolean => verdict.kind === 'wait' && verdict.lacks?.of === 'places';
