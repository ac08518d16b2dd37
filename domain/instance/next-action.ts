import { type Instant, SECOND } from '../kernel/instant.ts';
import type { Claim } from './events.ts';
import { BOOT_DEADLINE, type InstanceState, isDrained } from './state.ts';

export type InstanceAction =
  | { readonly kind: 'launch' }
  | { readonly kind: 'look-for-agent'; readonly ec2: string }
  | { readonly kind: 'give-up-boot' }
  /** It is the job's turn: ready to be started, or to be stopped before the cloud takes the machine. */
  | { readonly kind: 'ring-job'; readonly claim: Claim }
  | { readonly kind: 'interrupt-job'; readonly claim: Claim }
  | { readonly kind: 'offer-to-queue' }
  | { readonly kind: 'end-idle' }
  | { readonly kind: 'end-drained' }
  | { readonly kind: 'terminate'; readonly ec2: string; readonly since: Instant }
  | { readonly kind: 'rest' };

export function nextAction(instance: InstanceState, ring: 'moved' | 'due', now: Instant): InstanceAction {
  const { phase, idle_duration, withheld } = instance;
  if (isDrained(instance)) return { kind: 'end-drained' };
  switch (phase.kind) {
    // Its maker launches it. A doorbell that launched it as well could be told yes where the maker is told no: the
    // refusal would be recorded, and a machine run without a place in its fleet.
    case 'requested':
      return ring === 'moved' || now < phase.retry_at ? { kind: 'rest' } : { kind: 'launch' };
    case 'booting':
      if (now >= phase.launched_at + BOOT_DEADLINE) return { kind: 'give-up-boot' };
      return ring === 'due' ? { kind: 'look-for-agent', ec2: phase.ec2 } : { kind: 'rest' };
    case 'idle':
      if (withheld) return { kind: 'rest' };
      return idle_duration !== null && now >= phase.since + idle_duration * SECOND
        ? { kind: 'end-idle' }
        : { kind: 'offer-to-queue' };
    case 'busy':
      return { kind: 'ring-job', claim: phase.claim };
    case 'draining':
      return { kind: 'interrupt-job', claim: phase.claim };
    case 'terminating':
      return { kind: 'terminate', ec2: phase.ec2, since: phase.since };
    // Its place in the fleet is free for whoever waits.
    case 'terminated':
      return { kind: 'offer-to-queue' };
  }
}
