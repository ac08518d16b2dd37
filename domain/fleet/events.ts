import * as z from 'zod';
import { InstanceId, JobId } from '../kernel/ids.ts';
import { OfferTerms } from '../planning/offer.ts';
import { AdmissionEvent } from './admission.ts';
import { RefusalEvent } from './refusal-events.ts';

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
]);
export type FleetEvent = z.infer<typeof FleetEvent>;
