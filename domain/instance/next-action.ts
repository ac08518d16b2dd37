import { type Instant, SECOND } from '../kernel/instant.ts';
import { freeBlocks } from './claims.ts';
import { bootDeadline, type HeldClaim, type InstanceState, isDrained } from './state.ts';

export type InstanceAction =
  | { readonly kind: 'launch' }
  | { readonly kind: 'look-at-boot'; readonly ec2: string }
  /** It may have ended: the cloud knows, and why. */
  | { readonly kind: 'look-whether-it-ended'; readonly ec2: string }
  | { readonly kind: 'give-up-boot' }
  /** It is the jobs' turn: ready to be started, or to be stopped before the cloud takes the machine. `free`: there is
   * room for others. */
  | { readonly kind: 'ring-jobs'; readonly claims: readonly HeldClaim[]; readonly free: boolean }
  | { readonly kind: 'interrupt-jobs'; readonly claims: readonly HeldClaim[] }
  | { readonly kind: 'offer-to-queue' }
  | { readonly kind: 'end-idle' }
  | { readonly kind: 'end-drained' }
  | { readonly kind: 'terminate'; readonly ec2: string; readonly since: Instant }
  | { readonly kind: 'rest' };

export function nextAction(instance: InstanceState, ring: 'moved' | 'due', now: Instant): InstanceAction {
  const { phase, idle_duration, withheld, missed_at } = instance;
  if (isDrained(instance)) return { kind: 'end-drained' };
  switch (phase.kind) {
    // Its maker launches it. A doorbell that launched it as well could be told yes where the maker is told no: the
    // refusal would be recorded, and a machine run without a place in its fleet.
    case 'requested':
      return ring === 'moved' || now < phase.retry_at ? { kind: 'rest' } : { kind: 'launch' };
    case 'booting':
      if (now >= phase.launched_at + bootDeadline(instance.offer.instance_type))
        return { kind: 'give-up-boot' };
      if (ring === 'due') return { kind: 'look-at-boot', ec2: phase.ec2 };
      return missed_at === null ? { kind: 'rest' } : { kind: 'look-whether-it-ended', ec2: phase.ec2 };
    case 'idle':
      if (withheld) return { kind: 'rest' };
      return idle_duration !== null && now >= phase.since + idle_duration * SECOND
        ? { kind: 'end-idle' }
        : { kind: 'offer-to-queue' };
    case 'busy':
      return { kind: 'ring-jobs', claims: newest(phase.claims), free: freeBlocks(instance).length > 0 };
    case 'draining':
      return { kind: 'interrupt-jobs', claims: phase.claims };
    case 'terminating':
      return { kind: 'terminate', ec2: phase.ec2, since: phase.since };
    // Its place in the fleet is free for whoever waits.
    case 'terminated':
      return { kind: 'offer-to-queue' };
  }
}

/** Those that could be started last: the others have been rung, and start, or have, by themselves. */
const newest = (claims: readonly HeldClaim[]): HeldClaim[] => {
  const last = Math.max(...claims.map(({ since }) => since));
  return claims.filter(({ since }) => since === last);
};
