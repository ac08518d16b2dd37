import * as z from 'zod';

const time = z.string().meta({ description: 'ISO 8601, UTC', format: 'date-time' });

/** `of` counts 500 at most: `at_least` says that there are more. */
const place = {
  place: z.int().positive(),
  of: z.int().positive(),
  counted: z.enum(['exactly', 'at_least']),
};

/** Why a job does not run yet. */
const reason = {
  kind: z.string().meta({
    description:
      '`fleet_limit`, `quota`, `capacity` …; once it is promised an instance: `launching`, `throttled`, `booting`, `starting`',
  }),
  message: z.string(),
  since: time,
};

const QueuedJob = z
  .object({
    ...place,
    job: z.string(),
    run: z.string(),
    run_name: z.string(),
    fleet: z.string(),
    priority: z.int(),
    queued_at: time,
    ...reason,
    asked: z.string().meta({ description: 'What it asks for, as a configuration writes it' }),
  })
  .meta({ id: 'QueuedJob' });
export type QueuedJob = z.infer<typeof QueuedJob>;

const PromisedJob = z
  .object({
    job: z.string(),
    run: z.string(),
    run_name: z.string(),
    fleet: z.string(),
    priority: z.int(),
    instance: z.string(),
    ec2_id: z.string().nullable(),
    ...reason,
  })
  .meta({ id: 'PromisedJob' });
export type PromisedJob = z.infer<typeof PromisedJob>;

export const Queue = z
  .object({
    waiting: z.array(QueuedJob).meta({ description: 'By fleet, in the order in which they are served' }),
    promised: z
      .array(PromisedJob)
      .meta({ description: 'Jobs that have their instance, and wait for it to be ready' }),
    more: z
      .array(z.string())
      .meta({ description: 'Fleets with more waiting jobs than the 500 that are listed' }),
  })
  .meta({ id: 'Queue' });
export type Queue = z.infer<typeof Queue>;

/** In `GET /v1/runs/{run}`: why a job does not run yet, and where it stood two seconds ago at most; no place once it is promised an instance. */
export const JobWaiting = z
  .object({ ...reason, place: z.object(place).nullable() })
  .meta({ id: 'JobWaiting' });
export type JobWaiting = z.infer<typeof JobWaiting>;
