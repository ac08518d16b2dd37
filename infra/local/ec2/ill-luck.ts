import type { AwsError } from '../wire/aws-error.ts';
import { chanceOf } from '../wire/chance.ts';
import type { Boot, FaultSwitches, Faults } from '../wire/faults.ts';
import { serverErrors } from './refusals.ts';

/** How the launch with this number goes; it stays so, over a restart as well. */
export function fateOf(type: string, number: number, faults: Faults): Boot {
  let chance = chanceOf(faults.seed, 'boot', number);
  for (const [boot, share] of Object.entries(faults.bootShares) as [Boot, number][]) {
    if (chance < share) return boot;
    chance -= share;
  }
  return faults.bootOfType[type] ?? faults.boot;
}

/** Fails the calls that are to fail, each with one of EC2's own errors. */
export function createFailures(faults: FaultSwitches): (operation: string) => AwsError | undefined {
  const calls = new Map<string, number>();
  return (operation) => {
    const { failingCalls, seed } = faults.current;
    const share = Object.entries(failingCalls).find(([name]) => name === operation)?.[1];
    if (share === undefined) return undefined;
    const turn = (calls.get(operation) ?? 0) + 1;
    calls.set(operation, turn);
    const chance = chanceOf(seed, operation, turn);
    return chance < share ? serverErrors[Math.floor((chance / share) * serverErrors.length)] : undefined;
  };
}
