import type { InstanceState } from '../instance/state.ts';
import { type Candidate, idleCandidate } from '../planning/candidate.ts';
import { type Fitting, fittingOf } from '../planning/fitting.ts';
import type { OfferTerms } from '../planning/offer.ts';
import { planOffers } from '../planning/plan.ts';
import type { PreparedCatalogue } from '../planning/prepared.ts';
import { speller } from '../planning/spell-out.ts';
import { onceForAlike } from './alike.ts';
import { answerFor } from './answer.ts';
import type { Conditions } from './conditions.ts';
import { contextUnder } from './plan-context.ts';
import type { Asked, LaunchAnswer, Planner } from './planner.ts';
import type { Shared } from './shared-stock.ts';
import { hopeless } from './verdict.ts';
import { whyNone } from './why-none.ts';

/** A request as one pass knows it: jobs that ask for the same are answered together. */
interface Known {
  readonly fitting: Fitting;
  zones: readonly string[] | undefined;
  answer: { readonly under: Conditions; readonly given: LaunchAnswer } | undefined;
}

/**
 * The planner as one pass uses it. `priceFactor`: so many times the price of the cheapest that fits, of its market, is
 * still taken where the cheaper are not to be had.
 */
export function plannerOver(
  catalogue: PreparedCatalogue,
  zones: readonly string[] | null,
  priceFactor: number,
): Planner {
  const requestOf = onceForAlike(
    ({ requirements, terms }): Known => ({
      fitting: fittingOf(catalogue, requirements, { zones, terms }),
      zones: undefined,
      answer: undefined,
    }),
  );
  const candidates = new WeakMap<InstanceState | Shared, Candidate>();

  function candidateOf(of: InstanceState | Shared, instance: string, offer: OfferTerms, total: number) {
    const all = { total, free: total };
    const known =
      candidates.get(of) ?? idleCandidate({ ...offer, availability: 'idle', instance, blocks: all });
    candidates.set(of, known);
    return known;
  }

  function answerTo(
    { requirements, terms }: Asked,
    { fitting }: Known,
    conditions: Conditions,
  ): LaunchAnswer {
    const found = answerFor(fitting, conditions, requirements.spot_policy, priceFactor);
    switch (found.kind) {
      case 'candidate': {
        const { availability: _, ...offer } = speller(requirements, terms)(found.candidate, null);
        const { blocks, total } = fitting.taken(found.candidate);
        const taken = Array.from({ length: blocks }, (_, block) => block);
        return { kind: 'offer', offer, cut: { total, taken } };
      }
      case 'none': {
        const context = { ...contextUnder(conditions, zones), terms };
        const plan = planOffers(catalogue, requirements, context);
        if (plan.rejected.some(({ reason }) => reason === 'cluster_zone'))
          return { kind: 'elsewhere', message: elsewhere(terms?.cluster?.zone ?? '') };
        const seen = plan.rejected.some(({ reason }) => reason === 'capacity');
        return hopeless(seen ? 'no_capacity' : 'never_fits', whyNone(plan));
      }
      default:
        return found;
    }
  }

  return {
    sameFor: requestOf,
    fits: (asked, { id, state }) =>
      requestOf(asked).fitting.idle(candidateOf(state, id, state.offer, state.blocks)),
    blocks(asked, shared) {
      const { fitting } = requestOf(asked);
      // One that this pass launches has no name yet that a job could have asked for.
      const instance = 'instance' in shared.on ? shared.on.instance : '';
      const candidate = candidateOf(shared, instance, shared.offer, shared.total);
      return fitting.idle(candidate) ? fitting.taken(candidate).blocks : undefined;
    },
    zones(asked) {
      const { requirements, terms } = asked;
      // Once its last instance has ended, a fleet's placement group may be in any zone.
      const anywhere = terms?.cluster?.zone
        ? { requirements, terms: { ...terms, cluster: { zone: null } } }
        : asked;
      const known = requestOf(anywhere);
      known.zones ??= zonesIn(known.fitting);
      return known.zones;
    },
    tooDear: (price, offer) => price > priceFactor * offer.price,
    byLaunch(asked, conditions) {
      const known = requestOf(asked);
      if (known.answer?.under !== conditions)
        known.answer = { under: conditions, given: answerTo(asked, known, conditions) };
      return known.answer.given;
    },
  };
}

const elsewhere = (zone: string): string =>
  `nothing that fits can be launched in ${zone}, where the fleet's instances are: all are in one placement group, ` +
  `which is in one zone at a time`;

function zonesIn(fitting: Fitting): string[] {
  const zones = new Set<string>();
  for (let n = 0; ; n++) {
    const candidate = fitting.launch(n);
    if (candidate === undefined) return [...zones].sort();
    zones.add(candidate.zone);
  }
}
