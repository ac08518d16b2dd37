import { planOf } from '../test/simulation/plan.ts';
import { simulate } from '../test/simulation/simulate.ts';
import { type Spread, spreadOf } from './spread.ts';

export interface SimulationFigures {
  readonly seeds: number;
  readonly events: number;
  readonly commits: number;
  /** Of each seed, with its own share of large and small stories. */
  readonly perSecond: Spread;
  /** All events by all the time. */
  readonly together: number;
}

/** Plays seeds 1 to `seeds` of the simulation. A seed that breaks a promise is no figure: it throws. */
export async function benchSimulation(seeds: number): Promise<SimulationFigures> {
  // The first is the compiler's.
  await simulate(planOf(1));
  const rates: number[] = [];
  let [events, commits, seconds] = [0, 0, 0];
  for (let seed = 1; seed <= seeds; seed++) {
    const start = performance.now();
    const outcome = await simulate(planOf(seed));
    const took = (performance.now() - start) / 1_000;
    if (outcome.violation) throw new Error(`seed ${seed}: ${outcome.violation.invariant}`);
    rates.push(outcome.steps / took);
    events += outcome.steps;
    commits += outcome.commits;
    seconds += took;
  }
  return { seeds, events, commits, perSecond: spreadOf(rates), together: events / seconds };
}

if (import.meta.main) console.log(JSON.stringify(await benchSimulation(Number(process.argv[2] ?? 200))));
