import type { Candidate } from './candidate.ts';
import type { Reason } from './rejection.ts';

/** One reason to reject. A gap of 0 lets the candidate pass; the larger, the further it is from fitting. */
export type Rule = {
  reason: Reason;
  /** `launch`: an idle instance has this behind it. */
  of: 'launch' | 'any';
  gap: (candidate: Candidate) => number;
  asked: string;
  has: (candidate: Candidate) => string;
};
