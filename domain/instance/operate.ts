import { fail, ok, type Result } from '../kernel/result.ts';
import { terminate } from './decide.ts';
import type { IdleBehavior, InstanceEnd, InstanceEvent } from './events.ts';
import { claimsOf, type InstanceState } from './state.ts';

/** What an operator asks of an instance, for whatever reason they give. */
export interface InstanceOrder {
  readonly to: IdleBehavior | 'kill';
  readonly reason: string | null;
  /** `user:alice` */
  readonly by: string;
}

/** It is too late: the instance is ending, or gone. */
export interface OrderTooLate {
  readonly kind: 'ended';
  readonly why: InstanceEnd;
}

/** The same order again is nothing new, and neither is one to go for an instance that goes by an operator's order. */
export function operate(
  instance: InstanceState,
  { to, reason, by }: InstanceOrder,
): Result<InstanceEvent[], OrderTooLate> {
  const { phase, withheld } = instance;
  if (phase.kind === 'terminating' || phase.kind === 'terminated') {
    const asAsked = (to === 'drain' || to === 'kill') && phase.reason === 'ended_by_operator';
    return asAsked ? ok([]) : fail({ kind: 'ended', why: phase.reason });
  }
  // Its launch is in flight, for nobody: it ends when it is known what there is to end, as one that was killed.
  const goes =
    phase.kind === 'requested' && withheld?.behavior === 'drain' && claimsOf(instance).length === 0;
  if (goes && to !== 'drain')
    return to === 'kill' ? ok([]) : fail({ kind: 'ended', why: 'ended_by_operator' });
  if (to === 'kill')
    return ok([{ type: 'KillRequested', reason, by }, ...terminate(instance, 'ended_by_operator')]);
  // Said again without a reason, it stays for the one that was given.
  const known =
    to === 'run' ? !withheld : withheld?.behavior === to && (reason === null || withheld.reason === reason);
  return ok(known ? [] : [{ type: 'IdleBehaviorSet', behavior: to, reason, by }]);
}
