import type { JobId } from '../kernel/ids.ts';
import type { Instant } from '../kernel/instant.ts';
import { MINUTE, SECOND } from '../kernel/instant.ts';
import type { Cut } from '../planning/share.ts';
import { claimOn, freeBlocks } from './claims.ts';
import type { Claim, InstanceEnd, InstanceEvent } from './events.ts';
import { claimsOf, type InstanceState } from './state.ts';

/** The arbiter of claims: blocks that are free, on an instance that nobody holds or drains, once each. */
export function claim(
  instance: InstanceState,
  wanted: Claim,
  blocks: readonly number[] = [0],
): InstanceEvent[] {
  const free = new Set(freeBlocks(instance));
  const all = blocks.length > 0 && blocks.every((block) => free.delete(block));
  if (!all || claimOn(instance, wanted.job)) return [];
  return instance.blocks === 1
    ? [{ type: 'InstanceClaimed', claim: wanted }]
    : [{ type: 'BlocksClaimed', claim: wanted, blocks: [...blocks] }];
}

export function release(instance: InstanceState, { job, submission }: Claim): InstanceEvent[] {
  if (claimOn(instance, job)?.submission !== submission) return [];
  return [{ type: 'InstanceReleased', claim: { job, submission } }];
}

/**
 * A job is over there that nobody can say has ended, or that came to grief: the instance ends, unless others are on it.
 * They are not to pay for it: then it takes no other job, and ends with the last of them.
 */
export function abandon(
  instance: InstanceState,
  left: Claim,
  { reason, message }: { reason: InstanceEnd; message: string },
): InstanceEvent[] {
  const others = claimsOf(instance).some(({ job }) => job !== left.job);
  if (!others) return terminate(instance, reason);
  return [...drained(instance, message), ...release(instance, left)];
}

/** What a neighbour has filled may be free again in a moment; a machine that fails jobs twice would fail every job after them. */
const MOST_FAILED_STARTS = 2;

/** It lacks what a job needs to start: that job leaves, and from the second on no other comes. */
export function startFailed(instance: InstanceState, claim: Claim, because: string): InstanceEvent[] {
  if (claimOn(instance, claim.job)?.submission !== claim.submission) return [];
  const failed: InstanceEvent = { type: 'StartFailed', claim, because };
  const last = instance.failed_starts + 1 >= MOST_FAILED_STARTS;
  return [failed, ...(last ? drained(instance, because) : []), ...release(instance, claim)];
}

/** By `sortie`: it takes no other job. */
export function drained({ phase, withheld }: InstanceState, reason: string): InstanceEvent[] {
  if (phase.kind === 'draining' || withheld?.behavior === 'drain') return [];
  return [{ type: 'IdleBehaviorSet', behavior: 'drain', reason, by: 'sortie' }];
}

/** How it is cut, as part of its request; one that is not has nothing to say of it. */
export const divided = ({ total, taken }: Cut): InstanceEvent[] =>
  total === 1 ? [] : [{ type: 'InstanceDivided', blocks: total, claimed: [...taken] }];

export const launched = (instance: InstanceState, ec2: string): InstanceEvent[] =>
  instance.phase.kind === 'requested' ? [{ type: 'InstanceLaunched', ec2 }] : [];

type Refused = { class: string; code: string; message: string };

export const refused = (instance: InstanceState, refusal: Refused): InstanceEvent[] =>
  instance.phase.kind === 'requested' ? [{ type: 'LaunchRefused', ...refusal }] : [];

/** EC2 had launched it, and ended it for a reason of its own before it was ready: that is a refusal that comes late. */
export const takenBack = (instance: InstanceState, refusal: Refused): InstanceEvent[] =>
  instance.phase.kind === 'booting' ? [{ type: 'LaunchRefused', ...refusal }] : [];

/** `until` is its fleet's word: a throttle is of the whole account. */
export function throttled(instance: InstanceState, code: string, until: Instant): InstanceEvent[] {
  const { phase } = instance;
  if (phase.kind !== 'requested' || phase.retry_at >= until) return [];
  return [{ type: 'LaunchThrottled', code, until }];
}

/** What was made a moment ago is known everywhere by then, or it never was. */
const CONSISTENT_AFTER = 120 * SECOND;
const ASK_AGAIN = 15 * SECOND;

/** Nothing: it has had its time. */
export function deferred(
  { phase }: InstanceState,
  { code, message }: { code: string; message: string },
  now: Instant,
): InstanceEvent[] {
  if (phase.kind !== 'requested' || now >= (phase.inconsistent_since ?? now) + CONSISTENT_AFTER) return [];
  return [{ type: 'LaunchDeferred', code, message, until: now + ASK_AGAIN }];
}

export const ready = (instance: InstanceState): InstanceEvent[] =>
  instance.phase.kind === 'booting' ? [{ type: 'InstanceReady' }] : [];

/** The same again is no news. */
export const booting = ({ phase }: InstanceState, message: string): InstanceEvent[] =>
  phase.kind === 'booting' && phase.said?.message !== message ? [{ type: 'BootReported', message }] : [];

/** Two minutes' notice: it drains, so that nothing new is put on it. */
export const interrupted = (instance: InstanceState, at: Instant): InstanceEvent[] =>
  instance.phase.kind === 'busy' ? [{ type: 'InterruptionNoticed', at }] : [];

/** Ends an instance whatever it does; the caller sees to the job on it. */
export function terminate(instance: InstanceState, reason: InstanceEnd): InstanceEvent[] {
  switch (instance.phase.kind) {
    case 'requested': // RunInstances may have been called: only its answer, or sync, tells what there is to end.
    case 'terminating':
    case 'terminated':
      return [];
    default:
      return [{ type: 'TerminationRequested', reason }];
  }
}

/** The cloud says it is gone. */
export function gone(instance: InstanceState, otherwise: InstanceEnd): InstanceEvent[] {
  if (instance.phase.kind === 'terminated') return [];
  const reason = instance.phase.kind === 'terminating' ? instance.phase.reason : otherwise;
  return [{ type: 'InstanceTerminated', reason }];
}

/** Not in the cloud's listing: still not there after this long, it is gone. */
export const MISSED_GRACE = 5 * MINUTE;
/** So many looks spread over that time have to miss it: two alone may be all that got through, each in a bad moment. */
const LOOKS = 3;

export function missed(instance: InstanceState, now: Instant): InstanceEvent[] {
  const { phase, missed_at, misses } = instance;
  if (phase.kind === 'requested' || phase.kind === 'terminated') return [];
  if (missed_at === null) return [{ type: 'InstanceMissed' }];
  if (misses < LOOKS)
    return now - missed_at < (misses * MISSED_GRACE) / LOOKS ? [] : [{ type: 'InstanceMissed' }];
  return now - missed_at < MISSED_GRACE ? [] : gone(instance, 'vanished');
}

export const sighted = (instance: InstanceState): InstanceEvent[] =>
  instance.missed_at === null ? [] : [{ type: 'InstanceSighted' }];

/** SSM answers, and for so long has said that the agent does not: what has not been heard to start there will not. */
const AGENT_GRACE = 20 * MINUTE;

export const isPastAgentGrace = (instance: InstanceState, job: JobId, now: Instant): boolean =>
  hadFor(instance, job, now) >= AGENT_GRACE;

/** Its agent answers, and yet nothing of a job has come about there: its disk is full, or whatever else is wrong with it. */
const START_GRACE = 5 * MINUTE;

export const isPastStartGrace = (instance: InstanceState, job: JobId, now: Instant): boolean =>
  hadFor(instance, job, now) >= START_GRACE;

/** For how long the job has had the instance ready to start on. */
function hadFor(instance: InstanceState, job: JobId, now: Instant): number {
  const { kind } = instance.phase;
  const claim = kind === 'busy' || kind === 'draining' ? claimOn(instance, job) : undefined;
  return claim ? now - claim.since : 0;
}
