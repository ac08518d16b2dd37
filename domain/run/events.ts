import * as z from 'zod';
import { startupOrders, stopCriteria } from '../configuration/normalized.ts';
import { Sighting } from '../container/sighting.ts';
import { FleetName, InstanceId, RunId } from '../kernel/ids.ts';
import { Retry } from '../kernel/retry.ts';
import { FinalStatus, JobStatus, StopMode, TerminationReason } from '../kernel/status.ts';
import { OfferTerms } from '../planning/offer.ts';
import { Requirements } from '../planning/requirements.ts';
import { Code } from './code.ts';
import { StoredContainer } from './stored-container.ts';

/** A task as it is stored: the configuration's values in base units, and of `env` the names alone (values are secrets). */
export const StoredTask = z
  .object({
    type: z.literal('task'),
    commands: z.array(z.string()),
    env: z.array(z.string()),
    shell: z.string(),
    working_dir: z.string().nullable(),
    user: z.string().nullable(),
    nodes: z.number(),
    requirements: Requirements,
    priority: z.number(),
    creation_policy: z.enum(['reuse', 'reuse-or-create']),
    stop_duration: z.number().nullable(),
    idle_duration: z.number().nullable(),
    tags: z.record(z.string(), z.string()),
    /** Not in what was stored before there was one. */
    retry: Retry.nullable().default(null),
    // Nor before there were containers and runs of several nodes.
    /** The instance's own Docker has to answer before the commands begin. */
    docker: z.boolean().default(false),
    /** Null: the commands run on the instance itself. */
    container: StoredContainer.nullable().default(null),
    /** Null: all nodes are alike. Else `requirements` are those of the first, and `commands` are empty. */
    groups: z
      .array(
        z.object({
          name: z.string().nullable(),
          nodes: z.number(),
          commands: z.array(z.string()),
          requirements: Requirements,
        }),
      )
      .nullable()
      .default(null),
    startup_order: z.enum(startupOrders).default('any'),
    stop_criteria: z.enum(stopCriteria).default('all-done'),
    /** Nor before nodes could reach each other by it. */
    ssh: z.boolean().default(false),
    /** GB of output that are kept. Nor before it was bounded. */
    log_limit: z.number().positive().default(1),
  })
  .meta({ id: 'StoredTask' });
export type StoredTask = z.infer<typeof StoredTask>;

/** What a run knows of one of its jobs; the job's own stream knows the rest. */
export const JobProgress = z.object({
  index: z.number(),
  status: JobStatus,
  submission: z.number(),
  reason: TerminationReason.nullable(),
  message: z.string().nullable(),
  exit_status: z.number().nullable(),
  instance: InstanceId.nullable(),
  offer: OfferTerms.nullable(),
  /** Of the container that it has, or had last. Not in what was stored before it was shown. */
  image_id: z.string().nullable().default(null),
});
export type JobProgress = z.infer<typeof JobProgress>;

export const RunReason = z.enum([
  'all_jobs_done',
  'job_failed',
  'stopped_by_user',
  'aborted_by_user',
  'max_duration_exceeded',
  'server_error',
]);
export type RunReason = z.infer<typeof RunReason>;

export const RunEvent = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('RunSubmitted'),
    id: RunId,
    name: z.string(),
    project: z.string(),
    user: z.string(),
    fleet: FleetName,
    configuration: StoredTask,
    /** SHA-256 of what was asked, so that an idempotency key used for something else is noticed. */
    fingerprint: z.string(),
    /** The sealed object that has the run's secrets. The default is its name in histories written before it was stored. */
    seal: z.string().default('sealed'),
    /** Null: it brings no files along, as no run did before there were any. */
    code: Code.nullable().default(null),
  }),
  /** Its jobs wait in this one of the fleets that it names from here on; `message`: why not in the one before. */
  z.object({ type: z.literal('RunMoved'), fleet: FleetName, message: z.string() }),
  z.object({ type: z.literal('JobAdvanced'), job: JobProgress }),
  z.object({ type: z.literal('RunStopRequested'), mode: StopMode, by: z.string() }),
  /** A node of several waits at the rendezvous; it has touched nothing. `ec2`: as its user knows its instance. */
  z.object({
    type: z.literal('NodeArrived'),
    index: z.number(),
    submission: z.number(),
    ec2: z.string().nullable(),
    address: z.string(),
    sighting: Sighting.nullable(),
  }),
  /** All nodes are there, and may prepare. `order`: what each does with its container; null: there is none. */
  z.object({
    type: z.literal('GangMet'),
    order: z.enum(['attach', 'launch']).nullable(),
    warnings: z.array(z.string()),
  }),
  /** What the nodes found forbids to go on: all jobs fail, and nothing was touched. */
  z.object({ type: z.literal('GangRefused'), message: z.string() }),
  /** All that comes before the commands is done there; the last one's lets them begin. */
  z.object({ type: z.literal('NodePrepared'), index: z.number(), submission: z.number() }),
  /** The nodes go on no longer: whoever is not over is stopped, or withdrawn where nothing has begun. */
  z.object({
    type: z.literal('GangParted'),
    because: z.enum(['node_over', 'never_complete']),
    message: z.string(),
  }),
  /** Not all nodes came about: the instances of the others are freed, and all wait again. */
  z.object({ type: z.literal('GangGivenBack'), message: z.string() }),
  z.object({ type: z.literal('RunFinished'), status: FinalStatus, reason: RunReason }),
]);
export type RunEvent = z.infer<typeof RunEvent>;
export type RunSubmitted = Extract<RunEvent, { type: 'RunSubmitted' }>;
