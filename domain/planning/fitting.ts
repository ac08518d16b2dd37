import type { Candidate, Machine } from './candidate.ts';
import type { PlanContext } from './context.ts';
import { ofType } from './nearest.ts';
import type { PreparedCatalogue } from './prepared.ts';
import type { Requirements } from './requirements.ts';
import { rulesOf } from './rules.ts';

/** What fits a request whatever the cloud says today. */
export interface Fitting {
  /** Whether an idle instance does. */
  idle(candidate: Candidate): boolean;
  /** The n-th best offer to launch, from 0. The catalogue is read no further than asked: mostly the first will do. */
  launch(n: number): Candidate | undefined;
}

/** Types are judged once each: there are an eighth as many as offers. */
export function fittingOf(
  catalogue: PreparedCatalogue,
  requirements: Requirements,
  within: Pick<PlanContext, 'zones' | 'terms'>,
): Fitting {
  const rules = rulesOf(requirements, { now: 0, idle: [], unavailable: [], quota: [], ...within, limit: 0 });
  const typeRules = rules.filter(({ reason }) => ofType.has(reason) || reason === 'not_launchable');
  const offerRules = rules.filter((rule) => !typeRules.includes(rule));
  const idleRules = rules.filter((rule) => rule.of === 'any');
  const types = new Map<Machine, boolean>();
  const found: Candidate[] = [];
  let read = 0;

  function fits(candidate: Candidate): boolean {
    const { machine } = candidate;
    let typeFits = types.get(machine);
    if (typeFits === undefined) {
      typeFits = typeRules.every((rule) => rule.gap(candidate) === 0);
      types.set(machine, typeFits);
    }
    return typeFits && offerRules.every((rule) => rule.gap(candidate) === 0);
  }

  return {
    idle: (candidate) => idleRules.every((rule) => rule.gap(candidate) === 0),
    launch(n) {
      while (found.length <= n && read < catalogue.ranked.length) {
        const candidate = catalogue.ranked[read++];
        if (candidate && fits(candidate)) found.push(candidate);
      }
      return found[n];
    },
  };
}
