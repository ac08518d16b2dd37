import type { Candidate } from './candidate.ts';
import type { NearOffer } from './rejection.ts';
import type { Rule } from './rule.ts';
import type { speller } from './spell-out.ts';

const shown = 3;

/** The offers that come closest, one per type: what a user could ask for instead, and what each lacks. */
export function nearestOffers(
  candidates: readonly Candidate[],
  rules: readonly Rule[],
  spell: ReturnType<typeof speller>,
): NearOffer[] {
  const nearest = new Map<string, { candidate: Candidate; gap: number }>();
  for (const candidate of candidates) {
    if (candidate.machine.launch !== 'shared tenancy') continue;
    const before = nearest.get(candidate.machine.name);
    const gap = totalGap(candidate, rules, before?.gap ?? Number.POSITIVE_INFINITY);
    if (before === undefined || gap < before.gap) nearest.set(candidate.machine.name, { candidate, gap });
  }
  return [...nearest.values()]
    .sort((a, b) => a.gap - b.gap || a.candidate.price - b.candidate.price)
    .slice(0, shown)
    .map(({ candidate }) => near(candidate, rules, spell));
}

/** Gives up at `enough`: what is further away than the best of its type is of no interest. */
function totalGap(candidate: Candidate, rules: readonly Rule[], enough: number): number {
  let sum = 0;
  for (const rule of rules) {
    if (applies(rule, candidate)) sum += rule.gap(candidate);
    if (sum >= enough) break;
  }
  return sum;
}

function near(candidate: Candidate, rules: readonly Rule[], spell: ReturnType<typeof speller>): NearOffer {
  const failed = rules.filter((rule) => applies(rule, candidate) && rule.gap(candidate) > 0);
  const missing = failed.map(({ reason, asked, has }) => ({ reason, asked, has: has(candidate) }));
  return { offer: spell(candidate, failed.at(-1)?.reason ?? null), missing };
}

const applies = (rule: Rule, candidate: Candidate): boolean => rule.of === 'any' || candidate.idle === null;
