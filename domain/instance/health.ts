import type { HealthSpec } from '../configuration/normalized.ts';
import { claimOn } from './claims.ts';
import { drained, release } from './decide.ts';
import type { Claim, InstanceEvent } from './events.ts';
import type { InstanceState } from './state.ts';

/** What a job's runner has to check before it begins there; null: nothing. `asked`: what its fleet asks of nodes. */
export const checkFor = (
  asked: HealthSpec | null,
  { health }: Pick<InstanceState, 'health'>,
): HealthSpec | null => (health === 'passed' ? null : asked);

export function passedCheck(instance: InstanceState, claim: Claim): InstanceEvent[] {
  if (!holds(instance, claim) || instance.health === 'passed') return [];
  return [{ type: 'HealthPassed', claim }];
}

/** The job that was to start goes, nobody takes its place, and the node ends with the last of those who are on it. */
export function failedCheck(instance: InstanceState, claim: Claim, output: string): InstanceEvent[] {
  if (!holds(instance, claim)) return [];
  const failed: InstanceEvent = { type: 'HealthFailed', claim, output };
  return [failed, ...drained(instance, output), ...release(instance, claim)];
}

/** Only what was found well can come to be doubted: what is not is checked anyway, or its fleet never asked. */
export function doubt(instance: InstanceState, claim: Claim, because: string): InstanceEvent[] {
  if (!holds(instance, claim) || instance.health !== 'passed') return [];
  return [{ type: 'HealthDoubted', claim, because }];
}

const holds = (instance: InstanceState, { job, submission }: Claim): boolean =>
  claimOn(instance, job)?.submission === submission;
