import * as z from 'zod';
import { ReadyContainer } from '../container/sighting.ts';
import { Stage } from '../container/stage.ts';
import { Wait } from '../job/events.ts';
import { JobStatus, StopMode, TerminationReason } from '../kernel/status.ts';
import { Market, OfferTerms } from '../planning/offer.ts';
import { RunReason, StoredTask } from '../run/events.ts';
import { JobWaiting } from './queue.ts';

const time = z.string().meta({ description: 'ISO 8601, UTC', format: 'date-time' });

export const RunSummary = z
  .object({
    id: z.string(),
    name: z.string(),
    project: z.string(),
    user: z.string(),
    fleet: z.string(),
    image: z.string().nullable().meta({ description: 'Of the container that its commands run in' }),
    status: JobStatus,
    termination_reason: RunReason.nullable(),
    message: z.string().nullable().meta({ description: 'Why it waits, or what went wrong' }),
    submitted_at: time,
    finished_at: time.nullable(),
    jobs: z.array(
      z.object({
        index: z.int(),
        status: JobStatus,
        submission: z.int(),
        exit_status: z.int().nullable(),
        instance: z.string().nullable(),
        instance_type: z.string().nullable(),
        zone: z.string().nullable(),
        spot: Market.nullable(),
        price: z.number().nullable().meta({ description: '$/h' }),
        image_id: z.string().nullable().meta({ description: 'Of the image that its container runs' }),
      }),
    ),
  })
  .meta({ id: 'RunSummary' });
export type RunSummary = z.infer<typeof RunSummary>;

const Submission = z
  .object({
    number: z.int(),
    status: JobStatus,
    termination_reason: TerminationReason.nullable(),
    exit_status: z.int().nullable(),
    signal: z.string().nullable(),
    message: z.string().nullable(),
    instance: z.string().nullable(),
    offer: OfferTerms.nullable(),
    assigned_at: time.nullable(),
    started_at: time.nullable(),
    ended_at: time.nullable(),
    stage: z
      .object({ name: Stage, message: z.string(), at: time })
      .nullable()
      .meta({ description: 'What its runner is at before the commands begin' }),
    container: ReadyContainer.nullable(),
  })
  .meta({ id: 'Submission' });

const JobDetail = z
  .object({
    index: z.int(),
    status: JobStatus,
    termination_reason: TerminationReason.nullable(),
    message: z.string().nullable(),
    waiting_for: Wait.nullable(),
    waiting: JobWaiting.nullable().meta({
      description: 'Why it does not run yet, and its place in the queue',
    }),
    refusals: z.array(
      z.object({
        instance_type: z.string(),
        zone: z.string(),
        spot: Market,
        code: z.string(),
        message: z.string(),
        at: time,
      }),
    ),
    submissions: z.array(Submission),
  })
  .meta({ id: 'JobDetail' });

export const RunDetail = RunSummary.omit({ jobs: true })
  .extend({ configuration: StoredTask, jobs: z.array(JobDetail) })
  .meta({ id: 'RunDetail' });
export type RunDetail = z.infer<typeof RunDetail>;

export const RunList = z
  .object({ runs: z.array(RunSummary), next: z.string().optional() })
  .meta({ id: 'RunList' });
export type RunList = z.infer<typeof RunList>;

export const StopRequest = z.object({ mode: StopMode.default('graceful') }).meta({ id: 'StopRequest' });

export const EventList = z
  .object({
    events: z.array(
      z.object({
        id: z.string().meta({ description: '`<stream>/<version>/<n>`' }),
        at: time,
        by: z.string(),
        causation: z.string().nullable(),
        stream: z.string(),
        type: z.string(),
        data: z.record(z.string(), z.unknown()),
      }),
    ),
    next: z.string().optional(),
  })
  .meta({ id: 'EventList' });
export type EventList = z.infer<typeof EventList>;

export const LogList = z
  .object({
    logs: z.array(
      z.object({
        job: z.int(),
        submission: z.int(),
        offset: z.int().meta({ description: 'Bytes of this submission before it' }),
        at: time,
        text: z.string().optional().meta({ description: 'The bytes, where they are UTF-8' }),
        base64: z.string().optional().meta({ description: 'The bytes, where they are not' }),
      }),
    ),
    next: z.string().meta({ description: 'Hand it back as `after` to read on' }),
    done: z.boolean().meta({ description: 'The job has ended and this was the last of its output' }),
  })
  .meta({ id: 'LogList' });
export type LogList = z.infer<typeof LogList>;
