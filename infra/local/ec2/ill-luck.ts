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
  const meant = faults.bootOfType[type] ?? faults.boot;
  const never =
    meant === 'normal' && chanceOf(faults.seed, 'agent registers', number) < faults.neverRegisters;
  return never ? 'never-registers' : meant;
}

/** How long after its start the agent of the launch with this number registers, and its user data begins. Milliseconds. */
export function bootTimes(number: number, faults: Faults): { agent: number; userData: number } {
  const { seed, agentWithinMs, userDataWithinMs } = faults;
  const later = (subject: string, within: number) =>
    Math.round(Math.max(0, 2 * chanceOf(seed, subject, number) - 1) * within);
  return { agent: later('agent late', agentWithinMs), userData: later('user data late', userDataWithinMs) };
}

/** What is tried again within one call of the SDK's has this in common. */
export const invocationHeader = 'amz-sdk-invocation-id';

/**
 * Fails the calls that are to fail, each with one of EC2's own errors. One that fails does so as often as the SDK tries it:
 * it would else repeat a 5xx until it passes, and nobody behind it would ever hear of one.
 */
export function createFailures(
  faults: FaultSwitches,
): (operation: string, invocation: string) => AwsError | undefined {
  const turns = new Map<string, number>();
  const failed = new Map<string, AwsError>();
  return (operation, invocation) => {
    const { failingCalls, seed } = faults.current;
    const share = Object.entries(failingCalls).find(([name]) => name === operation)?.[1];
    if (share === undefined) return undefined;
    const before = failed.get(invocation);
    if (before) return before;
    const turn = (turns.get(operation) ?? 0) + 1;
    turns.set(operation, turn);
    const chance = chanceOf(seed, operation, turn);
    const error =
      chance < share ? serverErrors[Math.floor((chance / share) * serverErrors.length)] : undefined;
    if (error && invocation !== '') failed.set(invocation, error);
    return error;
  };
}
