import type { Plan } from './plan.ts';
import { type Outcome, type Sabotage, simulate } from './simulate.ts';

/** Shrinking is for the reader: after so many tries what is left is short enough, or will not get shorter. */
const TRIES = 400;

/** Leaves out runs, happenings and faults as long as the same invariant still fails without them. */
export async function shrink(plan: Plan, failed: Outcome, sabotage?: Sabotage): Promise<Outcome> {
  let [best, tries] = [failed, 0];
  let elements = elementsOf(plan, failed);
  for (let size = elements.length; size >= 1; size = Math.floor(size / 2)) {
    for (let from = 0; from < elements.length && tries < TRIES; ) {
      const only = new Set([...elements.slice(0, from), ...elements.slice(from + size)]);
      tries += 1;
      const outcome = only.size > 0 ? await simulate({ ...plan, only }, sabotage) : undefined;
      if (outcome?.violation?.invariant === failed.violation?.invariant && outcome !== undefined) {
        best = outcome;
        elements = elementsOf({ ...plan, only }, outcome);
      } else from += size;
    }
  }
  return best;
}

/** What a plan has happen and what struck on the way. */
export function elementsOf({ runs, happenings, only }: Plan, { struck }: Outcome): string[] {
  const planned = [...runs, ...happenings].map(({ element }) => element);
  return [...planned.filter((element) => only === 'all' || only.has(element)), ...struck];
}
