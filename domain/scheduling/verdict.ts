import type { Amounts } from '../fleet/room.ts';
import type { Wait } from '../job/events.ts';
import type { Instant } from '../kernel/instant.ts';
import type { OfferTerms } from '../planning/offer.ts';
import type { Cut } from '../planning/share.ts';
import type { Missing } from './make-room.ts';
import type { Place } from './stock.ts';

/** What a job gets at its turn, and what that takes of the fleet's limits. */
export type Verdict = Placed | Launched | Waits | Hopeless;

/** On what there is, or will be by this pass. */
export type Placed = Place & { readonly kind: 'place'; readonly takes: Amounts };

export interface Launched {
  readonly kind: 'launch';
  readonly offer: OfferTerms;
  readonly cut: Cut;
  readonly takes: Amounts;
}

export interface Waits {
  readonly kind: 'wait';
  readonly wait: Wait;
  readonly until: Instant | null;
  /** What the end of an idle instance would give it. */
  readonly lacks: Missing | null;
}

export interface Hopeless {
  readonly kind: 'hopeless';
  readonly why: Lack;
  readonly message: string;
}

/** Capacity may come back; what never fits stays as it is. */
export type Lack = 'no_capacity' | 'never_fits';

export const waits = (kind: Wait['kind'], message: string, until: Instant | null = null): Waits => ({
  kind: 'wait',
  wait: { kind, message },
  until,
  lacks: null,
});

/** An idle instance that goes makes room. */
export const fullFleet = (message: string): Waits => ({
  ...waits('fleet_limit', message),
  lacks: { of: 'places' },
});

export const hopeless = (why: Lack, message: string): Hopeless => ({ kind: 'hopeless', why, message });
