import * as z from 'zod';
import { Market } from '../planning/offer.ts';

/** What the cloud would not do, each with the end of its time: the reason outlives the moment. */
export const RefusalEvent = z.discriminatedUnion('type', [
  /** The cloud has no such machine there for now. */
  z.object({
    type: z.literal('OfferingUnavailable'),
    instance_type: z.string(),
    zone: z.string(),
    spot: Market,
    code: z.string(),
    until: z.number(),
  }),
  /** The same refusal in a second zone: it concerns the type, wherever it is launched. */
  z.object({
    type: z.literal('TypeUnavailable'),
    instance_type: z.string(),
    spot: Market,
    code: z.string(),
    until: z.number(),
  }),
  /** No subnet of the zone takes another instance, whatever its type. */
  z.object({ type: z.literal('ZoneUnavailable'), zone: z.string(), code: z.string(), until: z.number() }),
  /** As it was recorded before what was in use was told: it is what the fleet had. */
  z.object({
    type: z.literal('QuotaReached'),
    family: z.string(),
    spot: Market,
    vcpus: z.number(),
    code: z.string(),
    until: z.number(),
  }),
  /** The account may not have `vcpus` more of this quota's types while `in_use` is in use, in all fleets together. */
  z.object({
    type: z.literal('QuotaExhausted'),
    family: z.string(),
    spot: Market,
    vcpus: z.number(),
    in_use: z.object({ instances: z.number(), vcpus: z.number() }),
    code: z.string(),
    until: z.number(),
  }),
  /** EC2 takes no launch from this account in this region before `until`. */
  z.object({ type: z.literal('LaunchesThrottled'), code: z.string(), until: z.number() }),
  /** What was refused before has worked: its next refusal counts as the first. */
  z.object({
    type: z.literal('LaunchSucceeded'),
    instance_type: z.string(),
    zone: z.string(),
    spot: Market,
  }),
]);
export type RefusalEvent = z.infer<typeof RefusalEvent>;
