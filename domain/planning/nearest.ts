import type { Candidate, Machine } from './candidate.ts';
import type { NearOffer, Reason } from './rejection.ts';
import type { Rule } from './rule.ts';
import type { speller } from './spell-out.ts';

const shown = 3;

/** Reasons that are the same for every offer of a type: summed once per type, of which there are an eighth as many. */
const ofType: ReadonlySet<Reason> = new Set([
  'image',
  'instance_types',
  'placement',
  'blocks',
  'architecture',
  'gpu',
  'cpu',
  'memory',
]);

/** The offers that come closest, one per type or idle instance: what a user could ask for instead, and what each lacks. */
export function nearestOffers(
  candidates: readonly Candidate[],
  rules: readonly Rule[],
  spell: ReturnType<typeof speller>,
): NearOffer[] {
  const typeRules = rules.filter(({ reason }) => ofType.has(reason));
  const offerRules = rules.filter(({ reason }) => !ofType.has(reason));
  const typeGaps = new Map<Machine, number>();
  const nearest = new Map<Machine, { candidate: Candidate; gap: number }>();
  for (const candidate of candidates) {
    const { machine } = candidate;
    if (machine.launch !== 'shared tenancy') continue;
    const typeGap = typeGaps.get(machine) ?? totalGap(candidate, typeRules);
    typeGaps.set(machine, typeGap);
    const before = nearest.get(machine);
    if (before !== undefined && before.gap <= typeGap) continue;
    const gap = typeGap + totalGap(candidate, offerRules);
    if (before === undefined || gap < before.gap) nearest.set(machine, { candidate, gap });
  }
  return [...nearest.values()]
    .sort((a, b) => a.gap - b.gap || a.candidate.price - b.candidate.price)
    .slice(0, shown)
    .map(({ candidate }) => near(candidate, rules, spell));
}

const totalGap = (candidate: Candidate, rules: readonly Rule[]): number =>
  rules.reduce((sum, rule) => sum + (applies(rule, candidate) ? rule.gap(candidate) : 0), 0);

function near(candidate: Candidate, rules: readonly Rule[], spell: ReturnType<typeof speller>): NearOffer {
  const failed = rules.filter((rule) => applies(rule, candidate) && rule.gap(candidate) > 0);
  const missing = failed.map(({ reason, asked, has }) => ({ reason, asked, has: has(candidate) }));
  return { offer: spell(candidate, failed.at(-1)?.reason ?? null), missing };
}

const applies = (rule: Rule, candidate: Candidate): boolean => rule.of === 'any' || candidate.idle === null;
