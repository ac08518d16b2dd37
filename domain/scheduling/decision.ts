import type { Wait } from '../job/events.ts';
import type { InstanceId, JobId, RunId } from '../kernel/ids.ts';
import type { Instant } from '../kernel/instant.ts';
import type { OfferTerms } from '../planning/offer.ts';
import type { Cut } from '../planning/share.ts';
import type { Lack, Verdict } from './verdict.ts';

/** What a pass wants done. */
export type Decision =
  /** `blocks`: which of the instance's, from 0. */
  | {
      readonly kind: 'assign';
      readonly job: JobId;
      readonly instance: InstanceId;
      readonly blocks: readonly number[];
    }
  | { readonly kind: 'launch'; readonly job: JobId; readonly offer: OfferTerms; readonly cut: Cut }
  /** To what this pass launches for another job. */
  | {
      readonly kind: 'join';
      readonly job: JobId;
      readonly launchFor: JobId;
      readonly blocks: readonly number[];
    }
  | { readonly kind: 'let-go'; readonly instance: InstanceId }
  /** Some nodes of a run have their places, and for the others there is none beside them. */
  | { readonly kind: 'give-back'; readonly run: RunId; readonly message: string }
  | { readonly kind: 'wait'; readonly job: JobId; readonly wait: Wait; readonly until: Instant | null }
  | { readonly kind: 'hopeless'; readonly job: JobId; readonly why: Lack; readonly message: string };

export function decisionOn(job: JobId, verdict: Verdict): Decision {
  switch (verdict.kind) {
    case 'place': {
      const { on, blocks } = verdict;
      return 'instance' in on ? { kind: 'assign', job, ...on, blocks } : { kind: 'join', job, ...on, blocks };
    }
    case 'launch':
      return { kind: 'launch', job, offer: verdict.offer, cut: verdict.cut };
    case 'wait':
      return { kind: 'wait', job, wait: verdict.wait, until: verdict.until };
    case 'hopeless':
      return { kind: 'hopeless', job, why: verdict.why, message: verdict.message };
  }
}
