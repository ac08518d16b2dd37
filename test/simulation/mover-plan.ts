import type { PlannedDeed } from './fleet-plan.ts';
import type { PlannedRun } from './plan.ts';
import { randomOf } from './random.ts';

type Random = () => number;

/**
 * In most seeds with fleets of their own, runs name several of them, so that they may move between them; also some of more
 * than one node. From a sequence of its own, which leaves all other seeds and runs as they are.
 */
export function withSeveralFleets(
  seed: number,
  runs: readonly PlannedRun[],
  deeds: readonly PlannedDeed[],
): PlannedRun[] {
  const random = randomOf(seed, 'several fleets');
  const made = deeds.flatMap((deed) => (deed.kind === 'apply' ? [deed.fleet] : []));
  const all = [...new Set([...made, 'default'])];
  if (all.length < 2 || random() < 0.3) return [...runs];
  return runs.map((run) => {
    const [names, several, nodes] = [shuffled(all, random), random() < 0.6, random()];
    const [pair, bounded] = [random() < 0.4, random() < 0.8];
    if (!several) return run;
    const fields = {
      ...run.fields,
      // A fleet with a budget takes no other.
      ...(bounded && run.fields['max_duration'] === undefined && { max_duration: '5m' }),
      fleets: pair ? names.slice(0, 2) : names,
    };
    return { ...run, fields, nodes: nodes < 0.2 ? 2 : nodes < 0.3 ? 3 : 1 };
  });
}

const shuffled = (names: readonly string[], random: Random): string[] =>
  names
    .map((name) => ({ name, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ name }) => name);
