import type { Instant } from '../kernel/instant.ts';
import { unreachable } from '../kernel/result.ts';
import type { InstanceEvent } from './events.ts';
import { claimOf, ec2Of, type InstancePhase, type InstanceState } from './state.ts';

export function evolve(
  instance: InstanceState | undefined,
  event: InstanceEvent,
  at: Instant,
): InstanceState {
  if (event.type === 'InstanceRequested' || event.type === 'InstanceOrdered') {
    const { type: _, claim, ...requested } = { claim: null, ...event };
    const phase = {
      kind: 'requested' as const,
      claim,
      throttles: 0,
      inconsistent_since: null,
      retry_at: at,
    };
    return { ...requested, requested_at: at, missed_at: null, misses: 0, withheld: null, phase };
  }
  if (instance === undefined) throw new Error(`${event.type} on an instance that was never requested`);
  switch (event.type) {
    case 'InstanceMissed':
      return { ...instance, missed_at: instance.missed_at ?? at, misses: instance.misses + 1 };
    case 'InstanceSighted':
      return { ...instance, missed_at: null, misses: 0 };
    case 'IdleBehaviorSet': {
      const { behavior, reason, by } = event;
      const withheld = behavior === 'run' ? null : { behavior, reason, by };
      return { ...instance, withheld, phase: restarted(instance.phase, at) };
    }
    case 'KillRequested': {
      const { reason, by } = event;
      return { ...instance, withheld: { behavior: 'drain', reason, by }, phase: unclaimed(instance.phase) };
    }
    default:
      return { ...instance, phase: next(instance, event, at) };
  }
}

type Step = Exclude<
  InstanceEvent,
  {
    type:
      | 'InstanceRequested'
      | 'InstanceOrdered'
      | 'InstanceMissed'
      | 'InstanceSighted'
      | 'IdleBehaviorSet'
      | 'KillRequested';
  }
>;

function next(instance: InstanceState, event: Step, at: Instant): InstancePhase {
  const claim = claimOf(instance);
  switch (event.type) {
    case 'LaunchThrottled':
    case 'LaunchDeferred':
      return askedLater(instance, event, at);
    case 'LaunchRefused':
      return { kind: 'terminated', ec2: null, reason: 'launch_refused', at };
    case 'InstanceLaunched':
      return { kind: 'booting', ec2: event.ec2, claim, launched_at: at };
    case 'InstanceReady':
      return claim === null
        ? { kind: 'idle', ec2: launched(instance), since: at }
        : { kind: 'busy', ec2: launched(instance), claim, since: at };
    case 'InstanceClaimed':
      return { kind: 'busy', ec2: launched(instance), claim: event.claim, since: at };
    case 'InstanceReleased':
      return released(instance, at);
    case 'InterruptionNoticed':
      if (claim === null) throw new Error('an unclaimed instance does not drain, it terminates');
      return { kind: 'draining', ec2: launched(instance), claim, since: at };
    case 'TerminationRequested':
      return { kind: 'terminating', ec2: launched(instance), reason: event.reason, since: at };
    case 'InstanceTerminated':
      return { kind: 'terminated', ec2: ec2Of(instance), reason: event.reason, at };
    default:
      return unreachable(event);
  }
}

/** Its time of being idle counts from the operator's last word. */
const restarted = (phase: InstancePhase, at: Instant): InstancePhase =>
  phase.kind === 'idle' ? { ...phase, since: at } : phase;

/** Nothing can run yet on an instance that is only asked for; any other is terminated in the same decision. */
const unclaimed = (phase: InstancePhase): InstancePhase =>
  phase.kind === 'requested' ? { ...phase, claim: null } : phase;

function askedLater(
  { phase }: InstanceState,
  event: Extract<Step, { type: 'LaunchThrottled' | 'LaunchDeferred' }>,
  at: Instant,
): InstancePhase {
  if (phase.kind !== 'requested') throw new Error(`${event.type} on an instance that is ${phase.kind}`);
  const later = { ...phase, retry_at: event.until };
  return event.type === 'LaunchThrottled'
    ? { ...later, throttles: phase.throttles + 1 }
    : { ...later, inconsistent_since: phase.inconsistent_since ?? at };
}

/** An instance on its way keeps going without its job; a busy one is idle; a draining one is of no use any more. */
function released({ phase }: InstanceState, at: Instant): InstancePhase {
  switch (phase.kind) {
    case 'requested':
    case 'booting':
      return { ...phase, claim: null };
    case 'busy':
      return { kind: 'idle', ec2: phase.ec2, since: at };
    case 'draining':
      return { kind: 'terminating', ec2: phase.ec2, reason: 'spot_interruption', since: at };
    case 'idle':
    case 'terminating':
    case 'terminated':
      throw new Error(`an instance that is ${phase.kind} has no claim to release`);
  }
}

function launched(instance: InstanceState): string {
  const ec2 = ec2Of(instance);
  if (ec2 === null) throw new Error(`an instance that is ${instance.phase.kind} has no EC2 id yet`);
  return ec2;
}
