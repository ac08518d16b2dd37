import type { InstanceId } from '../kernel/ids.ts';
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
  | { readonly kind: 'rest' };

export function nextAction({ order, reservations }: FleetState): FleetAction {
  if (!order) return { kind: 'rest' };
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
