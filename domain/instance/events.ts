import * as z from 'zod';
import { FleetName, JobId } from '../kernel/ids.ts';
import { OfferTerms } from '../planning/offer.ts';

/** A claim: the instance, or blocks of it, are promised to this job and no other. */
export const Claim = z.object({ job: JobId, submission: z.number() });
export type Claim = z.infer<typeof Claim>;

export const InstanceEnd = z.enum([
  'launch_refused',
  'never_ready',
  'idle_duration',
  'made_room',
  'stop_overdue',
  'aborted_by_user',
  'runner_lost',
  'spot_interruption',
  'vanished',
  'terminated_outside',
  'no_intent',
  'ended_by_operator',
  'untrusted',
  'fleet_deleted',
  'budget_spent',
]);
export type InstanceEnd = z.infer<typeof InstanceEnd>;

/** What an operator makes of an instance: `hold` takes no job and stays, `drain` takes none and goes once it has none. */
export const IdleBehavior = z.enum(['run', 'hold', 'drain']);
export type IdleBehavior = z.infer<typeof IdleBehavior>;

/** What is known of a node whose fleet has its nodes checked; of any other, nothing ever is. */
export const NodeHealth = z.enum(['unchecked', 'passed', 'doubted', 'failed']);
export type NodeHealth = z.infer<typeof NodeHealth>;

export const InstanceEvent = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('InstanceRequested'),
    fleet: FleetName,
    project: z.string(),
    offer: OfferTerms,
    claim: Claim,
    /** Set at launch in tag and user data: a report without it is not from this instance. */
    nonce: z.string(),
    /** Seconds; null: never terminated for being idle. */
    idle_duration: z.number().nullable(),
    tags: z.record(z.string(), z.string()),
  }),
  /** As requested, but for no job: its fleet keeps it. */
  z.object({
    type: z.literal('InstanceOrdered'),
    fleet: FleetName,
    project: z.string(),
    offer: OfferTerms,
    nonce: z.string(),
    idle_duration: z.number().nullable(),
    tags: z.record(z.string(), z.string()),
  }),
  z.object({ type: z.literal('LaunchThrottled'), code: z.string(), until: z.number() }),
  /** EC2 does not know yet what it takes: asked again, with the same token. */
  z.object({
    type: z.literal('LaunchDeferred'),
    code: z.string(),
    message: z.string(),
    until: z.number(),
  }),
  z.object({ type: z.literal('LaunchRefused'), class: z.string(), code: z.string(), message: z.string() }),
  z.object({ type: z.literal('InstanceLaunched'), ec2: z.string() }),
  /** What its user data is at, or fails at. */
  z.object({ type: z.literal('BootReported'), message: z.string() }),
  z.object({ type: z.literal('InstanceReady') }),
  /** It is cut into so many equal blocks. `claimed`: those that whom it is launched for has of them. */
  z.object({ type: z.literal('InstanceDivided'), blocks: z.int().min(2), claimed: z.array(z.int()) }),
  z.object({ type: z.literal('InstanceClaimed'), claim: Claim }),
  /** As claimed, but these blocks of it, from 0: others have the rest. */
  z.object({ type: z.literal('BlocksClaimed'), claim: Claim, blocks: z.array(z.int()) }),
  z.object({ type: z.literal('InstanceReleased'), claim: Claim }),
  z.object({ type: z.literal('InterruptionNoticed'), at: z.number() }),
  z.object({ type: z.literal('InstanceMissed') }),
  z.object({ type: z.literal('InstanceSighted') }),
  z.object({
    type: z.literal('IdleBehaviorSet'),
    behavior: IdleBehavior,
    reason: z.string().nullable(),
    by: z.string(),
  }),
  /** The check that its fleet asks for, before anything of this submission began. */
  z.object({ type: z.literal('HealthPassed'), claim: Claim }),
  z.object({ type: z.literal('HealthFailed'), claim: Claim, output: z.string() }),
  /** A job failed there, which need not be the node's fault: it is checked again before the next. */
  z.object({ type: z.literal('HealthDoubted'), claim: Claim, because: z.string() }),
  /** It lacks what a job needs to start there, whichever job. */
  z.object({ type: z.literal('StartFailed'), claim: Claim, because: z.string() }),
  /** Its fleet was configured anew: this is what it is to have. `unchecked`: its nodes are to be checked otherwise. */
  z.object({
    type: z.literal('InstanceReconfigured'),
    idle_duration: z.number().nullable(),
    tags: z.record(z.string(), z.string()),
    health: z.enum(['as known', 'unchecked']),
  }),
  /** EC2 has the tags that it is to have. */
  z.object({ type: z.literal('InstanceTagged') }),
  /** By an operator: its job is to be lost and the machine to go, as soon as it is known whether there is one. */
  z.object({ type: z.literal('KillRequested'), reason: z.string().nullable(), by: z.string() }),
  z.object({ type: z.literal('TerminationRequested'), reason: InstanceEnd }),
  z.object({ type: z.literal('InstanceTerminated'), reason: InstanceEnd }),
]);
export type InstanceEvent = z.infer<typeof InstanceEvent>;
export type InstanceEventOf<T extends InstanceEvent['type']> = Extract<InstanceEvent, { type: T }>;
