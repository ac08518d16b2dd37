import { type Instant, MINUTE, SECOND } from '../kernel/instant.ts';
import type { InstanceStatus } from '../kernel/status.ts';
import { isBareMetal } from '../planning/bare-metal.ts';
import type { Claim, IdleBehavior, InstanceEnd, InstanceEventOf, NodeHealth } from './events.ts';

/** A claim as the instance keeps it. */
export interface HeldClaim extends Claim {
  /** Which blocks of the instance, from 0. */
  readonly blocks: readonly number[];
  /** Since when the job could be started: of what is claimed before, since it is ready. */
  readonly since: Instant;
}

type Requested = Omit<InstanceEventOf<'InstanceRequested'>, 'type' | 'claim'>;

export type InstancePhase =
  | {
      readonly kind: 'requested';
      readonly claims: readonly HeldClaim[];
      readonly throttles: number;
      /** Since when EC2 does not know yet what it takes. */
      readonly inconsistent_since: Instant | null;
      readonly retry_at: Instant;
    }
  | {
      readonly kind: 'booting';
      readonly ec2: string;
      readonly claims: readonly HeldClaim[];
      readonly launched_at: Instant;
      /** What its user data said last that it is at; null: nothing. */
      readonly said: { readonly message: string; readonly at: Instant } | null;
    }
  | { readonly kind: 'idle'; readonly ec2: string; readonly since: Instant }
  /** Never without a claim, and neither is a draining one. */
  | {
      readonly kind: 'busy';
      readonly ec2: string;
      readonly claims: readonly HeldClaim[];
      readonly since: Instant;
    }
  /** The cloud has announced its end: nothing new is put on it. */
  | {
      readonly kind: 'draining';
      readonly ec2: string;
      readonly claims: readonly HeldClaim[];
      readonly since: Instant;
    }
  | {
      readonly kind: 'terminating';
      readonly ec2: string;
      readonly reason: InstanceEnd;
      readonly since: Instant;
    }
  | {
      readonly kind: 'terminated';
      readonly ec2: string | null;
      readonly reason: InstanceEnd;
      readonly at: Instant;
    };

/** An operator's word on an instance that is to take no job for now, or never again. */
export interface Withheld {
  readonly behavior: Exclude<IdleBehavior, 'run'>;
  readonly reason: string | null;
  readonly by: string;
}

export interface InstanceState extends Requested {
  readonly requested_at: Instant;
  /** Those that RunInstances is asked for: the same however often, since its token holds for the same request alone. */
  readonly launch_tags: Readonly<Record<string, string>>;
  /** `tags` came to differ from what EC2 has, and these of its tags are to go; null: they are the same. */
  readonly retag: { readonly since: Instant; readonly remove: readonly string[] } | null;
  /** Into how many equal blocks it is cut; 1: it is one job's at a time. */
  readonly blocks: number;
  /** Since when the cloud's listing lacks it. One look proves nothing: EC2's listing is eventually consistent. */
  readonly missed_at: Instant | null;
  /** How many looks have missed it since. */
  readonly misses: number;
  /** null: idle behavior `run`. */
  readonly withheld: Withheld | null;
  readonly health: NodeHealth;
  /** When it last passed its check; null: never. */
  readonly passed_at: Instant | null;
  /** How many jobs could not start there, for a lack of its own. */
  readonly failed_starts: number;
  readonly phase: InstancePhase;
}

/**
 * For how long a machine may boot. Virtual ones are up within a minute or two, and what their user data has to try again
 * (the API, the bucket) is well again within ten or not soon: dstack's limit too. Bare metal has been seen to take 792 s.
 */
export const bootDeadline = (instanceType: string): number => (isBareMetal(instanceType) ? 30 : 10) * MINUTE;
/** As long as whoever asked may live, which is `react`'s time: of two that ask at once, one could be refused. */
const RETRY_LAUNCH = MINUTE;
/** The report that it is ready may be lost: its disk says so too, as soon as its agent answers. */
const LOOK_AT_BOOT = 20 * SECOND;
const RETRY_TERMINATE = MINUTE;

/** A tag that EC2 did not take is sent again. */
const RETRY_TAGS = MINUTE;

export function dueOf(instance: InstanceState): Instant | undefined {
  const dues = [phaseDue(instance), tagsDue(instance)].filter((due) => due !== undefined);
  return dues.length > 0 ? Math.min(...dues) : undefined;
}

const tagsDue = ({ phase, retag }: InstanceState): Instant | undefined =>
  retag === null || phase.kind === 'requested' || phase.kind === 'terminated'
    ? undefined
    : retag.since + RETRY_TAGS;

function phaseDue({ phase, idle_duration, withheld, requested_at }: InstanceState): Instant | undefined {
  switch (phase.kind) {
    case 'requested':
      // Put off, it is due then; else it was asked for when it was requested, and its answer may be lost.
      return phase.retry_at + (phase.retry_at === requested_at ? RETRY_LAUNCH : 0);
    case 'booting':
      return phase.launched_at + LOOK_AT_BOOT;
    case 'idle':
      if (withheld) return withheld.behavior === 'drain' ? phase.since : undefined;
      return idle_duration === null ? undefined : phase.since + idle_duration * SECOND;
    case 'terminating':
      return phase.since + RETRY_TERMINATE;
    // A claimed instance moves with its jobs, whose own due times watch over all.
    case 'busy':
    case 'draining':
    case 'terminated':
      return undefined;
  }
}

export function statusOf({ phase }: InstanceState): InstanceStatus {
  switch (phase.kind) {
    case 'requested':
      return 'pending';
    case 'booting':
      return 'provisioning';
    case 'draining':
      return 'busy';
    default:
      return phase.kind;
  }
}

export function claimsOf({ phase }: Pick<InstanceState, 'phase'>): readonly HeldClaim[] {
  switch (phase.kind) {
    case 'requested':
    case 'booting':
    case 'busy':
    case 'draining':
      return phase.claims;
    case 'idle':
    case 'terminating':
    case 'terminated':
      return [];
  }
}

/** Wholly idle, and no operator keeps it from taking a job or from ending for its idleness. */
export const isFree = ({ phase, withheld }: InstanceState): boolean => phase.kind === 'idle' && !withheld;

/** To be drained, and without a job that it would end for: whether it was to serve one or is on its way up. */
export const isDrained = (instance: InstanceState): boolean =>
  instance.withheld?.behavior === 'drain' &&
  (instance.phase.kind === 'idle' || (instance.phase.kind === 'booting' && claimsOf(instance).length === 0));

/** Up, and its agent has answered: what is sent to it may run there. */
export const isReady = ({ phase }: InstanceState): boolean =>
  phase.kind === 'idle' || phase.kind === 'busy' || phase.kind === 'draining';

/** It takes no job any more: it is to end, or ends. */
export const isLeaving = ({ phase, withheld }: InstanceState): boolean =>
  withheld?.behavior === 'drain' ||
  phase.kind === 'draining' ||
  phase.kind === 'terminating' ||
  phase.kind === 'terminated';

export const ec2Of = ({ phase }: InstanceState): string | null =>
  phase.kind === 'requested' ? null : phase.ec2;
