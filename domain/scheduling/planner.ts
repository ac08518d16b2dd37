import type { FleetState } from '../fleet/state.ts';
import { termsFor } from '../fleet/terms.ts';
import type { JobState } from '../job/state.ts';
import type { Instant } from '../kernel/instant.ts';
import type { Terms } from '../planning/context.ts';
import type { OfferTerms } from '../planning/offer.ts';
import type { Requirements } from '../planning/requirements.ts';
import type { Cut } from '../planning/share.ts';
import type { Conditions } from './conditions.ts';
import type { Shared } from './shared-stock.ts';
import type { Pooled } from './snapshot.ts';
import type { Hopeless } from './verdict.ts';

/** What a job asks for, within what its fleet lets in; `null`: anything. */
export interface Asked {
  readonly requirements: Requirements;
  readonly terms: Terms | null;
}

export const askedBy = (fleet: FleetState | undefined, job: JobState): Asked => ({
  requirements: job.requirements,
  terms: termsFor(fleet, job),
});

/** What the pass asks of the planner. */
export interface Planner {
  /** One and the same for all who ask for the same. */
  sameFor(asked: Asked): object;
  /** Whether such a job can run on this instance, or on blocks of it. */
  fits(asked: Asked, instance: Pooled): boolean;
  /** The fewest blocks of this that such a job can run on; `undefined`: all of them would not do. */
  blocks(asked: Asked, shared: Shared): number | undefined;
  /** Where anything fits that could be launched. */
  zones(asked: Asked): readonly string[];
  /** Whether an instance at this price is too dear for such a job, while something cheaper can be launched. */
  tooDear(price: number, offer: OfferTerms): boolean;
  /** The best offer that can be launched, or why there is none. */
  byLaunch(asked: Asked, conditions: Conditions): LaunchAnswer;
}

export type LaunchAnswer =
  | { readonly kind: 'offer'; readonly offer: OfferTerms; readonly cut: Cut }
  /** Something fits, but the account's quota is used up; `quotas` are those it waits for. */
  | {
      readonly kind: 'quota';
      readonly message: string;
      readonly until: Instant;
      readonly quotas: readonly string[];
    }
  /** Something fits, but what is not much too dear is not to be had. */
  | { readonly kind: 'capacity'; readonly message: string; readonly until: Instant }
  /** Something fits in another zone than that of the fleet's placement group. */
  | { readonly kind: 'elsewhere'; readonly message: string }
  /** Nothing is left to try, or nothing ever fitted. */
  | Hopeless;
