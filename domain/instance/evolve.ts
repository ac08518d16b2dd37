import type { Instant } from '../kernel/instant.ts';
import { unreachable } from '../kernel/result.ts';
import type { InstanceEvent, InstanceEventOf } from './events.ts';
import { claimsOf, ec2Of, type HeldClaim, type InstancePhase, type InstanceState } from './state.ts';
import { sameTags } from './tags.ts';

export function evolve(
  instance: InstanceState | undefined,
  event: InstanceEvent,
  at: Instant,
): InstanceState {
  if (event.type === 'InstanceRequested' || event.type === 'InstanceOrdered') {
    const { type: _, claim, ...requested } = { claim: null, ...event };
    const phase = {
      kind: 'requested' as const,
      claims: claim === null ? [] : [{ ...claim, blocks: [0], since: at }],
      throttles: 0,
      inconsistent_since: null,
      retry_at: at,
    };
    const nothingYet = {
      missed_at: null,
      misses: 0,
      withheld: null,
      health: 'unchecked' as const,
      passed_at: null,
      retag: null,
      failed_starts: 0,
    };
    return {
      ...requested,
      launch_tags: requested.tags,
      requested_at: at,
      blocks: 1,
      ...nothingYet,
      phase,
    };
  }
  if (instance === undefined) throw new Error(`${event.type} on an instance that was never requested`);
  switch (event.type) {
    case 'InstanceDivided': {
      const { blocks, claimed } = event;
      return { ...instance, blocks, phase: divided(instance.phase, claimed) };
    }
    case 'InstanceMissed':
      return { ...instance, missed_at: instance.missed_at ?? at, misses: instance.misses + 1 };
    case 'InstanceSighted':
      return { ...instance, missed_at: null, misses: 0 };
    case 'IdleBehaviorSet': {
      const { behavior, reason, by } = event;
      const withheld = behavior === 'run' ? null : { behavior, reason, by };
      return { ...instance, withheld, phase: restarted(instance.phase, at) };
    }
    case 'HealthPassed':
      return { ...instance, health: 'passed', passed_at: at };
    case 'HealthFailed':
      return { ...instance, health: 'failed' };
    case 'HealthDoubted':
      return { ...instance, health: 'doubted' };
    case 'StartFailed':
      return { ...instance, failed_starts: instance.failed_starts + 1 };
    case 'InstanceReconfigured':
      return reconfigured(instance, event, at);
    case 'InstanceTagged':
      return { ...instance, retag: null };
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
      | 'InstanceDivided'
      | 'InstanceMissed'
      | 'InstanceSighted'
      | 'IdleBehaviorSet'
      | 'HealthPassed'
      | 'HealthFailed'
      | 'HealthDoubted'
      | 'StartFailed'
      | 'InstanceReconfigured'
      | 'InstanceTagged'
      | 'KillRequested';
  }
>;

function next(instance: InstanceState, event: Step, at: Instant): InstancePhase {
  const claims = claimsOf(instance);
  switch (event.type) {
    case 'LaunchThrottled':
    case 'LaunchDeferred':
      return askedLater(instance, event, at);
    case 'LaunchRefused':
      return { kind: 'terminated', ec2: ec2Of(instance), reason: 'launch_refused', at };
    case 'InstanceLaunched':
      return { kind: 'booting', ec2: event.ec2, claims, launched_at: at, said: null };
    case 'BootReported':
      return bootReported(instance, event.message, at);
    case 'InstanceReady':
      return claims.length === 0
        ? { kind: 'idle', ec2: launched(instance), since: at }
        : {
            kind: 'busy',
            ec2: launched(instance),
            claims: claims.map((claim) => ({ ...claim, since: at })),
            since: at,
          };
    case 'InstanceClaimed':
      return claimed(instance, { ...event.claim, blocks: [0], since: at }, at);
    case 'BlocksClaimed':
      return claimed(instance, { ...event.claim, blocks: event.blocks, since: at }, at);
    case 'InstanceReleased':
      return released(
        instance,
        claims.filter(
          ({ job, submission }) => job !== event.claim.job || submission !== event.claim.submission,
        ),
        at,
      );
    case 'InterruptionNoticed':
      if (claims.length === 0) throw new Error('an unclaimed instance does not drain, it terminates');
      return { kind: 'draining', ec2: launched(instance), claims, since: at };
    case 'TerminationRequested':
      return { kind: 'terminating', ec2: launched(instance), reason: event.reason, since: at };
    case 'InstanceTerminated':
      return { kind: 'terminated', ec2: ec2Of(instance), reason: event.reason, at };
    default:
      return unreachable(event);
  }
}

function reconfigured(
  instance: InstanceState,
  { idle_duration, tags, health }: InstanceEventOf<'InstanceReconfigured'>,
  at: Instant,
): InstanceState {
  const had = [...Object.keys(instance.tags), ...(instance.retag?.remove ?? [])];
  const remove = [...new Set(had)].filter((name) => !Object.hasOwn(tags, name)).sort();
  return {
    ...instance,
    ...{ idle_duration, tags },
    health: health === 'unchecked' ? 'unchecked' : instance.health,
    retag: sameTags(tags, instance.tags) ? instance.retag : { since: at, remove },
  };
}

/** Its time of being idle counts from the operator's last word. */
const restarted = (phase: InstancePhase, at: Instant): InstancePhase =>
  phase.kind === 'idle' ? { ...phase, since: at } : phase;

/** Nothing can run yet on an instance that is only asked for; any other is terminated in the same decision. */
const unclaimed = (phase: InstancePhase): InstancePhase =>
  phase.kind === 'requested' ? { ...phase, claims: [] } : phase;

function divided(phase: InstancePhase, blocks: readonly number[]): InstancePhase {
  if (phase.kind !== 'requested') throw new Error(`an instance that is ${phase.kind} is not cut any more`);
  return { ...phase, claims: phase.claims.map((claim) => ({ ...claim, blocks })) };
}

function claimed({ phase }: InstanceState, claim: HeldClaim, at: Instant): InstancePhase {
  switch (phase.kind) {
    case 'requested':
    case 'booting':
    case 'busy':
      return { ...phase, claims: [...phase.claims, claim] };
    case 'idle':
      return { kind: 'busy', ec2: phase.ec2, claims: [claim], since: at };
    case 'draining':
    case 'terminating':
    case 'terminated':
      throw new Error(`an instance that is ${phase.kind} takes no claim`);
  }
}

function bootReported({ phase }: InstanceState, message: string, at: Instant): InstancePhase {
  if (phase.kind !== 'booting') throw new Error(`an instance that is ${phase.kind} does not boot any more`);
  return { ...phase, said: { message, at } };
}

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

/** An instance on its way keeps going without jobs; a busy one without any is idle, a draining one of no use any more. */
function released({ phase }: InstanceState, left: readonly HeldClaim[], at: Instant): InstancePhase {
  switch (phase.kind) {
    case 'requested':
    case 'booting':
      return { ...phase, claims: left };
    case 'busy':
      return left.length > 0 ? { ...phase, claims: left } : { kind: 'idle', ec2: phase.ec2, since: at };
    case 'draining':
      if (left.length > 0) return { ...phase, claims: left };
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
