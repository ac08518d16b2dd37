import type { Candidate } from './candidate.ts';
import type { PlanContext } from './context.ts';
import { type PreparedCatalogue, pricedFor } from './prepared.ts';
import type { Reason } from './rejection.ts';
import type { Requirements } from './requirements.ts';
import type { Rule } from './rule.ts';
import { rulesOf, takenBy } from './rules.ts';
import { pricedAs } from './spell-out.ts';

/** What fits a request whatever the cloud says today. */
export interface Fitting {
  /** Whether an idle instance does. */
  idle(candidate: Candidate): boolean;
  /** The n-th best offer to launch, from 0. The catalogue is read no further than asked: mostly the first will do. */
  launch(n: number): Candidate | undefined;
  /** How many blocks of what fits it takes. */
  taken(candidate: Candidate): { readonly blocks: number; readonly total: number };
}

/** What differs in its zone alone is judged once: that is a fifth as much as there are offers. */
export function fittingOf(
  catalogue: PreparedCatalogue,
  requirements: Requirements,
  within: Pick<PlanContext, 'zones' | 'terms'>,
): Fitting {
  const { groups } = pricedFor(catalogue, pricedAs(requirements, within.terms));
  const rules = rulesOf(requirements, catalogue.site, {
    now: 0,
    idle: [],
    unavailable: [],
    quota: [],
    ...{ price_factor: null, launch_factor: null },
    ...within,
    limit: 0,
  });
  const zoneRules = rules.filter(({ reason }) => ofZone.has(reason));
  const groupRules = rules.filter(({ reason }) => !ofZone.has(reason));
  const idleRules = rules.filter((rule) => rule.of === 'any');
  const found: Candidate[] = [];
  let read = 0;

  return {
    taken: takenBy(requirements, within.terms?.blocks ?? 1),
    idle: (candidate) => fits(candidate, idleRules),
    launch(n) {
      while (found.length <= n && read < groups.length) {
        const group = groups[read++] ?? [];
        if (group[0] && fits(group[0], groupRules))
          found.push(...group.filter((candidate) => fits(candidate, zoneRules)));
      }
      return found[n];
    },
  };
}

const ofZone: ReadonlySet<Reason> = new Set(['availability_zones', 'no_subnet', 'cluster_zone']);

const fits = (candidate: Candidate, rules: readonly Rule[]): boolean =>
  rules.every((rule) => rule.gap(candidate) === 0);
