import type { Sighting } from '../container/sighting.ts';
import { type Instant, MINUTE } from '../kernel/instant.ts';

/** A node at the rendezvous. */
export interface Arrival {
  readonly index: number;
  readonly submission: number;
  readonly ec2: string | null;
  readonly address: string;
  readonly sighting: Sighting | null;
}

/** Where the nodes of a run stand together. Each round begins with `gathering`: all of its submissions are new. */
export type GangPhase =
  /** `since`: the first of them was promised an instance; null: none has one. */
  | { readonly kind: 'gathering'; readonly since: Instant | null }
  /** All are there. `prepared`: whose container is up and set up. */
  | {
      readonly kind: 'preparing';
      readonly order: 'attach' | 'launch' | null;
      readonly warnings: readonly string[];
      readonly prepared: readonly number[];
    }
  /** The commands may begin, in their order. */
  | { readonly kind: 'going' }
  /** `withdraw`: nothing has begun anywhere; `stop`: containers and commands may have. */
  | {
      readonly kind: 'parting';
      readonly how: 'withdraw' | 'stop' | 'refuse' | 'give_up';
      readonly message: string;
    }
  | { readonly kind: 'giving_back'; readonly message: string };

/** What a run of several nodes knows of them as one. */
export interface Gang {
  readonly phase: GangPhase;
  /** Of this round. */
  readonly arrivals: readonly Arrival[];
  /** How often in a row not all of them came about. */
  readonly given_back: number;
  /** When there was news last. */
  readonly moved_at: Instant;
}

/** From the first promise of an instance to the last arrival; and from one node's failure until the others are heard. */
export const GANG_DEADLINE = 10 * MINUTE;
/** An hour of them. */
export const GIVE_BACKS = 6;

const LOOK = MINUTE;

/** When somebody looks at it although no doorbell rang. */
export const gangDue = ({ phase, moved_at }: Gang): Instant =>
  phase.kind === 'gathering' && phase.since !== null
    ? Math.min(phase.since + GANG_DEADLINE, moved_at + LOOK)
    : moved_at + LOOK;
