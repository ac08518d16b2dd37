import { claimsOf, type InstanceState, isLeaving } from '../instance/state.ts';
import { dollars } from '../kernel/dollars.ts';
import type { InstanceId } from '../kernel/ids.ts';
import { misfitOf } from '../planning/misfit.ts';
import type { OfferTerms } from '../planning/offer.ts';
import { cutOffer } from '../planning/share.ts';
import { inWords } from '../planning/words.ts';
import type { FleetEvent } from './events.ts';
import { type Amounts, exceeds, NOTHING, plus } from './room.ts';
import type { FleetState } from './state.ts';
import type { StoredFleet } from './stored-fleet.ts';
import { termsOf } from './terms.ts';

// A changed configuration is rolled out to the instances that the fleet has: those that it admits follow it, the others
// are drained. No job could be placed on them any more, so draining them all at once takes away no capacity.

export interface Member {
  readonly id: InstanceId;
  readonly state: InstanceState;
}

/** Why the fleet would not launch this any more; `null`: it would. */
export function notAdmitted(
  configuration: StoredFleet | null,
  offer: OfferTerms,
  blocks: number,
): string | null {
  if (configuration === null) return null;
  const misfit = misfitOf(termsOf(configuration), offer, blocks);
  return (
    misfit && `${inWords[misfit.reason]}: the fleet asks for ${misfit.asked}, and this has ${misfit.has}`
  );
}

/** It was planned on before the fleet was configured as it is. */
export const isOutdated = ({ configuration }: FleetState, offer: OfferTerms): boolean =>
  configuration !== null &&
  notAdmitted(configuration, offer, cutOffer(offer, configuration.blocks) ?? 1) !== null;

/**
 * The instances that have no place under a configuration, each with the reason: it does not admit them, or its limits do
 * not. Under limits those stay that have a job, then those that are idle, then the oldest.
 */
export function departures(
  configuration: StoredFleet,
  members: readonly Member[],
): ReadonlyMap<InstanceId, string> {
  const leaving = new Map<InstanceId, string>();
  const staying = members.filter(({ state }) => !isLeaving(state)).toSorted(byUse);
  let used: Amounts = NOTHING;
  for (const { id, state } of staying) {
    const { resources, price } = state.offer;
    const takes = { instances: 1, vcpus: resources.cpus, price, money: 0 };
    const why =
      notAdmitted(configuration, state.offer, state.blocks) ?? overLimit(configuration, plus(used, takes));
    if (why === null) used = plus(used, takes);
    else leaving.set(id, why);
  }
  return leaving;
}

/** The limit that so much would exceed, by its field; `null`: none. */
function overLimit({ limits }: StoredFleet, { instances, vcpus, price }: Amounts): string | null {
  const { price_per_hour: hourly } = limits;
  if (instances > limits.instances) return `limits.instances: ${limits.instances} at most`;
  if (limits.vcpus !== null && vcpus > limits.vcpus) return `limits.vcpus: ${limits.vcpus} at most`;
  return hourly !== null && exceeds(price, hourly)
    ? `limits.price_per_hour: ${dollars(hourly)} at most`
    : null;
}

function byUse(a: Member, b: Member): number {
  const rank = ({ state }: Member) => (claimsOf(state).length > 0 ? 0 : state.phase.kind === 'idle' ? 1 : 2);
  return rank(a) - rank(b) || (a.id < b.id ? -1 : 1);
}

/** Every instance has what this configuration means for it. Nothing, if another has come since. */
export function finishRollout(
  fleet: FleetState,
  configuration: StoredFleet,
  leaving: readonly InstanceId[],
): FleetEvent[] {
  if (fleet.rollout === null || !isConfiguredAs(fleet, configuration)) return [];
  return [{ type: 'RolloutFinished', leaving: [...leaving] }];
}

export const isConfiguredAs = (fleet: FleetState, configuration: StoredFleet): boolean =>
  JSON.stringify(fleet.configuration) === JSON.stringify(configuration);
