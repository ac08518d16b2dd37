import * as z from 'zod';
import { StoredFleet } from '../fleet/stored-fleet.ts';
import { IdleBehavior, InstanceEnd, NodeHealth } from '../instance/events.ts';
import { InstanceStatus } from '../kernel/status.ts';
import { Market } from '../planning/offer.ts';
import { Admission, OPEN, Operator } from './operation.ts';

export const InstanceSummary = z
  .object({
    id: z.string(),
    ec2_id: z.string().nullable(),
    fleet: z.string(),
    status: InstanceStatus,
    reason: InstanceEnd.nullable(),
    instance_type: z.string(),
    region: z.string(),
    zone: z.string(),
    spot: Market,
    price: z.number().meta({ description: '$/h' }),
    behavior: IdleBehavior.default('run'),
    health: NodeHealth.default('unchecked').meta({ description: 'Where its fleet has `health` checked' }),
    operator: Operator.nullable().default(null),
    job: z.string().nullable().meta({ description: 'The first of `jobs`' }),
    jobs: z.array(z.string()).default([]).meta({ description: 'Those that have it, or blocks of it' }),
    busy_blocks: z.int().default(0),
    total_blocks: z
      .int()
      .default(1)
      .meta({ description: 'Into how many equal blocks it is cut, for as many jobs at most' }),
    requested_at: z.string(),
  })
  .meta({ id: 'InstanceSummary' });
export type InstanceSummary = z.infer<typeof InstanceSummary>;

export const InstanceList = z
  .object({ instances: z.array(InstanceSummary), next: z.string().optional() })
  .meta({ id: 'InstanceList' });
export type InstanceList = z.infer<typeof InstanceList>;

export const FleetSummary = z
  .object({
    name: z.string(),
    project: z.string(),
    status: z.enum(['active', 'deleting', 'deleted']),
    instances: z.int().meta({ description: 'Launched or being launched' }),
    vcpus: z.int().meta({ description: 'Of all its instances' }),
    limits: StoredFleet.shape.limits,
    price: z.number().meta({ description: '$/h of all its instances' }),
    spent: z.number().meta({ description: '$; by the instances it had and has no more' }),
    committed: z
      .number()
      .meta({ description: '$; under a budget, what its instances cost at most until their jobs’ ends' }),
    unavailable: z.array(
      z.object({
        instance_type: z.string(),
        zone: z.string(),
        spot: Market,
        code: z.string(),
        until: z.string(),
        times: z.int(),
      }),
    ),
    quotas: z.array(
      z.object({
        family: z.string(),
        spot: Market,
        vcpus: z.number(),
        code: z.string(),
        until: z.string(),
      }),
    ),
    admission: Admission.default(OPEN),
    placement_group: z
      .object({
        status: z.enum(['requested', 'created', 'released']),
        name: z.string().nullable().meta({ description: 'In EC2; null: not created yet, or to be deleted' }),
        zone: z.string().nullable().meta({ description: 'Where its instances are; null: it has none' }),
      })
      .nullable()
      .default(null)
      .meta({ description: 'With `placement: cluster`, from its first launch on: where its instances are' }),
    created_at: z.string(),
  })
  .meta({ id: 'FleetSummary' });

export const FleetList = z
  .object({
    fleets: z.array(FleetSummary),
    next: z.string().optional(),
  })
  .meta({ id: 'FleetList' });
export type FleetList = z.infer<typeof FleetList>;

export const Health = z.object({ status: z.literal('ok'), version: z.string() }).meta({ id: 'Health' });
export type Health = z.infer<typeof Health>;
