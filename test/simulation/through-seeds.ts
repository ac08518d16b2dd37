import { planOf } from './plan.ts';
import { shrink } from './shrink.ts';
import { simulate } from './simulate.ts';
import { tellFailure } from './told-failure.ts';

/** Simulates the seeds from 1 on, prints how fast it went, and returns an account of each one that failed, shrunk. */
export async function throughSeeds(seeds: number): Promise<string> {
  let steps = 0;
  const failures: string[] = [];
  const begun = performance.now();
  for (let seed = 1; seed <= seeds; seed++) {
    const outcome = await simulate(planOf(seed));
    steps += outcome.steps;
    if (outcome.violation) failures.push(tellFailure(await shrink(planOf(seed), outcome)));
  }
  const seconds = (performance.now() - begun) / 1_000;
  process.stdout.write(`seeds 1 to ${seeds}: ${steps} events, ${Math.round(steps / seconds)}/s\n`);
  return failures.join('\n\n');
}
