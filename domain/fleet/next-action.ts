import type { InstanceId } from '../kernel/ids.ts';
import { type Instant, MINUTE } from '../kernel/instant.ts';
import type { FleetOrder } from './admission.ts';
import type { FleetState } from './state.ts';

export type FleetAction =
  /** To whoever has a place in the fleet: nobody new comes while it is closed. */
  | {
      readonly kind: 'tell-instances';
      readonly to: 'drain' | 'kill';
      readonly instances: readonly InstanceId[];
      readonly order: FleetOrder;
    }
  /** Those who wait get a place, or are told why not. */
  | { readonly kind: 'tell-queue'; readonly order: FleetOrder }
  /** Its limits have just moved, and who waits for them may have a place now. */
  | { readonly kind: 'serve-queue' }
  | { readonly kind: 'rest' };

/**
 * For so long whatever rings has the queue served: a ring does not say what it is for. After it, all who wait have looked
 * again by themselves.
 */
const LIMITS_ARE_NEWS = MINUTE;

export function nextAction({ order, reservations, limits_moved_at }: FleetState, now: Instant): FleetAction {
  if (!order)
    return limits_moved_at !== null && now - limits_moved_at < LIMITS_ARE_NEWS
      ? { kind: 'serve-queue' }
      : { kind: 'rest' };
  const instances = reservations.map(({ instance }) => instance);
  switch (order.kind) {
    case 'drain':
      return { kind: 'tell-instances', to: 'drain', instances, order };
    case 'terminate':
      return { kind: 'tell-instances', to: 'kill', instances, order };
    case 'pause':
    case 'resume':
      return { kind: 'tell-queue', order };
  }
}
