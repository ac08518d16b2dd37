import * as z from 'zod';
import { FleetOrderKind } from '../fleet/admission.ts';
import { IdleBehavior } from '../instance/events.ts';

/** Why an operator does it, for whoever wonders later. */
export const OperationRequest = z
  .object({
    // It is shown on terminals and in messages: a sentence, not a page.
    reason: z
      .string()
      .trim()
      .min(1)
      .max(200)
      .regex(/^[^\u0000-\u001f\u007f-\u009f]*$/, 'must be one line')
      .nullable()
      .default(null),
  })
  .meta({ id: 'OperationRequest' });

/** What `POST /v1/instances/{id}/…` knows. */
export const InstanceOperation = z.enum([...IdleBehavior.options, 'kill']);
export type InstanceOperation = z.infer<typeof InstanceOperation>;

/** What `POST /v1/fleets/{name}/…` knows. */
export const FleetOperation = z.enum(['pause', 'resume', 'drain', 'terminate-all']);
export type FleetOperation = z.infer<typeof FleetOperation>;

/** An operator's word, as lists show it. */
export const Operator = z
  .object({ by: z.string(), reason: z.string().nullable() })
  .meta({ id: 'Operator', description: 'Who holds or drains it, and why' });

/** Whether a fleet takes jobs. */
export const Admission = z
  .object({
    status: z.enum(['open', 'paused', 'closed']).meta({ description: '`closed`: it was deleted' }),
    order: FleetOrderKind.nullable().meta({ description: 'By which it was paused' }),
    by: z.string().nullable(),
    reason: z.string().nullable(),
    since: z.string().nullable(),
  })
  .meta({ id: 'Admission' });
export type Admission = z.infer<typeof Admission>;

/** Of a fleet that nobody has ever paused. */
export const OPEN: Admission = { status: 'open', order: null, by: null, reason: null, since: null };
