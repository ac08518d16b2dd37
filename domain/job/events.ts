import * as z from 'zod';
import { ReadyContainer } from '../container/sighting.ts';
import { Stage } from '../container/stage.ts';
import { FleetName, InstanceId, RunId } from '../kernel/ids.ts';
import { Retry, RetryEvent } from '../kernel/retry.ts';
import { FinalStatus, StopMode, TerminationReason } from '../kernel/status.ts';
import { OfferTerms } from '../planning/offer.ts';
import { Requirements } from '../planning/requirements.ts';

/** What placing, starting and stopping a job takes; its commands stay with the run. */
export const JobSpec = z.object({
  run: RunId,
  run_name: z.string(),
  index: z.number(),
  project: z.string(),
  fleet: FleetName,
  requirements: Requirements,
  priority: z.number(),
  creation_policy: z.enum(['reuse', 'reuse-or-create']),
  stop_duration: z.number().nullable(),
  idle_duration: z.number().nullable(),
  tags: z.record(z.string(), z.string()),
  /** Not in what was stored before there was one. */
  retry: Retry.nullable().default(null),
  /** Of its run, itself included. Not in what was stored before there could be several. */
  nodes: z.number().default(1),
  /** All that its run may go to, `fleet` among them. None in what was stored before a run could go to another. */
  fleets: z.array(FleetName).default([]),
});
export type JobSpec = z.infer<typeof JobSpec>;

/** Why a job waits, in a sentence, and the kind for programs. */
export const Wait = z.object({
  kind: z.enum([
    'fleet_limit',
    'quota',
    'capacity',
    'throttled',
    'busy_instances',
    'paused',
    'retry',
    'gang',
  ]),
  message: z.string(),
});
export type Wait = z.infer<typeof Wait>;

/**
 * The cloud's answer to one launch: the class we act on, the provider's code and words. `unclassified`: nobody knows whether
 * another offer would fare better, so a few are tried.
 */
export const Refusal = z.object({
  class: z.enum(['capacity', 'quota', 'network', 'fatal', 'boot', 'unclassified']),
  code: z.string(),
  message: z.string(),
});
export type Refusal = z.infer<typeof Refusal>;

/** Where the bundle lies, and the hash of the token in it: the token itself is in no event. */
export const BundleRef = z.object({ key: z.string(), token_sha256: z.string() });
export type BundleRef = z.infer<typeof BundleRef>;

export const JobEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('JobQueued'), spec: JobSpec }),
  /** It waits in the queue of this fleet from here on, as old as it is. */
  z.object({ type: z.literal('JobMoved'), fleet: FleetName, message: z.string() }),
  z.object({ type: z.literal('PlacementDeferred'), wait: Wait, until: z.number().nullable() }),
  z.object({
    type: z.literal('SubmissionAssigned'),
    submission: z.number(),
    instance: InstanceId,
    offer: OfferTerms,
    bundle: BundleRef,
  }),
  z.object({ type: z.literal('OfferRefused'), instance: InstanceId, offer: OfferTerms, refusal: Refusal }),
  z.object({ type: z.literal('StartSent'), submission: z.number(), command: z.string() }),
  /** The instance's disk knew nothing of the start: it was sent once more. */
  z.object({ type: z.literal('StartRepeated'), submission: z.number(), command: z.string() }),
  /** SSM says that a command to the instance did not succeed; whether the job runs, its disk knows. */
  z.object({ type: z.literal('CommandFailed'), command: z.string(), status: z.string() }),
  /** What its runner is at before the commands begin. */
  z.object({
    type: z.literal('SubmissionStaged'),
    submission: z.number(),
    stage: Stage,
    message: z.string(),
  }),
  z.object({ type: z.literal('ContainerReady'), submission: z.number(), ...ReadyContainer.shape }),
  z.object({ type: z.literal('SubmissionStarted'), submission: z.number(), at: z.number() }),
  /** No report for a while, and SSM says that its instance's agent is not connected. `looks`: how often in a row. */
  z.object({ type: z.literal('SubmissionFellSilent'), submission: z.number(), looks: z.number() }),
  /** A report has come, or its disk has answered. */
  z.object({ type: z.literal('SubmissionHeardAgain'), submission: z.number() }),
  z.object({ type: z.literal('StopRequested'), mode: StopMode, reason: TerminationReason }),
  z.object({ type: z.literal('StopSent'), submission: z.number(), command: z.string() }),
  z.object({
    type: z.literal('SubmissionEnded'),
    submission: z.number(),
    status: FinalStatus,
    reason: TerminationReason,
    exit_status: z.number().nullable(),
    signal: z.string().nullable(),
    /** All that it wrote; null where nobody could say. */
    log_bytes: z.number().nullable(),
    message: z.string().nullable(),
  }),
  /** Its submission is over; what becomes of the job is decided for all the nodes of its run at once. */
  z.object({
    type: z.literal('GangAwaited'),
    submission: z.number(),
    /** `unbegun`: its instance failed it before its start. */
    begun: z.enum(['begun', 'unbegun']),
  }),
  z.object({ type: z.literal('JobRequeued'), submission: z.number() }),
  /** The job is tried again, but not before `until`: its `in_a_row`-th retry, as `submission`. */
  z.object({
    type: z.literal('RetryScheduled'),
    submission: z.number(),
    event: RetryEvent,
    in_a_row: z.number(),
    wait: Wait,
    until: z.number(),
  }),
  /** A job with `spot_policy: auto` asks for on-demand only. */
  z.object({
    type: z.literal('SpotGivenUp'),
    because: z.enum(['refused', 'interrupted']),
    times: z.number(),
  }),
  /** There was nothing on demand either: spot will do again. */
  z.object({ type: z.literal('SpotReconsidered') }),
  z.object({
    type: z.literal('JobEnded'),
    status: FinalStatus,
    reason: TerminationReason,
    message: z.string().nullable(),
  }),
]);
export type JobEvent = z.infer<typeof JobEvent>;
export type JobEventOf<T extends JobEvent['type']> = Extract<JobEvent, { type: T }>;
