import * as z from 'zod';
import { InstanceId, JobId } from '../kernel/ids.ts';
import { OfferTerms } from '../planning/offer.ts';
import { AdmissionEvent } from './admission.ts';
import { PlacementGroupEvent } from './placement-group-events.ts';
import { RefusalEvent } from './refusal-events.ts';
import { StoredFleet } from './stored-fleet.ts';

export const FleetLimits = z.object({ instances: z.number().int().positive() });
export type FleetLimits = z.infer<typeof FleetLimits>;

export const FleetEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('FleetCreated'), project: z.string(), limits: FleetLimits }),
  z.object({ type: z.literal('FleetLimitsChanged'), limits: FleetLimits }),
  z.object({
    type: z.literal('LaunchReserved'),
    instance: InstanceId,
    job: JobId,
    submission: z.number(),
    offer: OfferTerms,
  }),
  z.object({ type: z.literal('ReservationReleased'), instance: InstanceId }),
  ...RefusalEvent.options,
  ...AdmissionEvent.options,
  z.object({ type: z.literal('FleetConfigured'), configuration: StoredFleet }),
  /** Under a budget: what the instance costs until then is set aside for it. */
  z.object({ type: z.literal('CostCommitted'), instance: InstanceId, until: z.number() }),
  /** It was never launched, and so cost nothing. */
  z.object({ type: z.literal('ReservationCancelled'), instance: InstanceId }),
  /** A place for an instance that the fleet keeps without a job. */
  z.object({ type: z.literal('NodeReserved'), instance: InstanceId, offer: OfferTerms }),
  /** It may end: the fleet has enough without it. */
  z.object({ type: z.literal('NodeDismissed'), instance: InstanceId }),
  /** What it is configured to is to reach the instances that it has. */
  z.object({ type: z.literal('RolloutStarted') }),
  /** It has reached all of them, and these leave. */
  z.object({ type: z.literal('RolloutFinished'), leaving: z.array(InstanceId) }),
  z.object({ type: z.literal('FleetDeleted') }),
  ...PlacementGroupEvent.options,
]);
export type FleetEvent = z.infer<typeof FleetEvent>;
