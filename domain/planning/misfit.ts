import { idleCandidate } from './candidate.ts';
import type { Terms } from './context.ts';
import type { OfferTerms } from './offer.ts';
import type { Shortfall } from './rejection.ts';
import { termsRules } from './rules.ts';
import { cutOffer } from './share.ts';

/**
 * The first of a fleet's terms that an instance of this offer, cut into `blocks`, does not meet; `null`: it meets all of
 * them, and a job within the terms may use it.
 */
export function misfitOf(terms: Terms, offer: OfferTerms, blocks: number): Shortfall | null {
  const candidate = idleCandidate({
    ...offer,
    availability: 'idle',
    instance: '',
    blocks: { total: blocks, free: blocks },
  });
  const rule = termsRules(terms).find(({ of, gap }) => of === 'any' && gap(candidate) > 0);
  if (rule !== undefined) return { reason: rule.reason, asked: rule.asked, has: rule.has(candidate) };
  const wanted = cutOffer(offer, terms.blocks) ?? 1;
  return wanted === blocks ? null : { reason: 'blocks', asked: `${wanted}`, has: `${blocks}` };
}
