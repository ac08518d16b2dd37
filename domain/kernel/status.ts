import * as z from 'zod';

// dstack's statuses and termination reasons, since users know them.

export const JobStatus = z.enum([
  'submitted',
  'provisioning',
  'pulling',
  'running',
  'terminating',
  'done',
  'failed',
  'terminated',
  'aborted',
]);
export type JobStatus = z.infer<typeof JobStatus>;

export const FinalStatus = z.enum(['done', 'failed', 'terminated', 'aborted']);
export type FinalStatus = z.infer<typeof FinalStatus>;

export const isFinal = (status: JobStatus): status is FinalStatus => FinalStatus.safeParse(status).success;

export const InstanceStatus = z.enum([
  'pending',
  'provisioning',
  'idle',
  'busy',
  'terminating',
  'terminated',
]);
export type InstanceStatus = z.infer<typeof InstanceStatus>;

/** Why a job (or one submission of it) ended. */
export const TerminationReason = z.enum([
  'done_by_runner',
  'container_exited_with_error',
  'executor_error',
  'creating_container_error',
  'max_duration_exceeded',
  'terminated_by_user',
  'aborted_by_user',
  'terminated_by_server',
  'failed_to_start_due_to_no_capacity',
  'waiting_runner_limit_exceeded',
  'instance_unreachable',
  'interrupted_by_no_capacity',
]);
export type TerminationReason = z.infer<typeof TerminationReason>;

/** How a stop is meant: TERM and patience, or at once. */
export const StopMode = z.enum(['graceful', 'abort']);
export type StopMode = z.infer<typeof StopMode>;
