import * as z from 'zod';
import { InstanceId, JobId } from '../kernel/ids.ts';
import { Market, OfferTerms } from '../planning/offer.ts';
import { AdmissionEvent } from './admission.ts';

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
  /** The cloud has no such machine there for now. */
  z.object({
    type: z.literal('OfferingUnavailable'),
    instance_type: z.string(),
    zone: z.string(),
    spot: Market,
    code: z.string(),
    until: z.number(),
  }),
  /** The account may not have more of this quota's types. */
  z.object({
    type: z.literal('QuotaReached'),
    family: z.string(),
    spot: Market,
    vcpus: z.number(),
    code: z.string(),
    until: z.number(),
  }),
  ...AdmissionEvent.options,
]);
export type FleetEvent = z.infer<typeof FleetEvent>;
