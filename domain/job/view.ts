import type { Stage } from '../container/stage.ts';
import { iso } from '../kernel/instant.ts';
import type { JobStatus } from '../kernel/status.ts';
import type { JobProgress } from '../run/events.ts';
import type { Wait } from './events.ts';
import { attemptOf, type JobState } from './state.ts';

function statusOf(job: JobState): JobStatus {
  switch (job.phase.kind) {
    case 'waiting':
    case 'backing_off':
      return 'submitted';
    case 'assigned':
      // As in dstack, from the first step of the container until the commands run; it never goes back.
      return job.phase.stage === null || job.phase.stage.name === 'checking' ? 'provisioning' : 'pulling';
    case 'running':
      return 'running';
    case 'stopping':
      return 'terminating';
    case 'awaiting_gang':
      return job.past.at(-1)?.status ?? 'terminated';
    case 'ended':
      return job.phase.status;
  }
}

const waitOf = ({ phase }: JobState): Wait | null =>
  phase.kind === 'waiting' || phase.kind === 'backing_off' ? phase.wait : null;

/** What the run is told whenever its job moves. */
export function progressOf(job: JobState): JobProgress {
  const attempt = attemptOf(job);
  const last = job.past.at(-1);
  const ended = job.phase.kind === 'ended' ? job.phase : null;
  const over = ended !== null || job.phase.kind === 'awaiting_gang' ? last : undefined;
  return {
    index: job.index,
    status: statusOf(job),
    submission: attempt?.submission ?? (ended || over ? (over?.submission ?? 0) : job.submission),
    // Null as long as the job may be tried again, whatever became of its submission.
    reason: ended?.reason ?? null,
    message: ended ? ended.message : (waitOf(job)?.message ?? over?.message ?? null),
    exit_status: over?.exit_status ?? null,
    instance: attempt?.instance ?? over?.instance ?? null,
    offer: attempt?.offer ?? over?.offer ?? null,
    image_id: (attempt ?? over)?.container?.image_id ?? null,
  };
}

/** A job with all its submissions, oldest first, as `GET /v1/runs/{run}` shows it. */
export function detail(job: JobState) {
  return {
    index: job.index,
    status: statusOf(job),
    termination_reason: job.phase.kind === 'ended' ? job.phase.reason : null,
    message: job.phase.kind === 'ended' ? job.phase.message : null,
    waiting_for: waitOf(job),
    refusals: job.refusals.map(({ offer, refusal, at }) => ({
      instance_type: offer.instance_type,
      zone: offer.zone,
      spot: offer.spot,
      code: refusal.code,
      message: refusal.message,
      at: iso(at),
    })),
    submissions: [...job.past.map(pastSubmission), ...currentSubmission(job)],
  };
}

type Past = JobState['past'][number];

const pastSubmission = (past: Past) => ({
  number: past.submission,
  status: past.status as JobStatus,
  termination_reason: past.reason as Past['reason'] | null,
  exit_status: past.exit_status,
  signal: past.signal,
  message: past.message,
  instance: past.instance as string | null,
  offer: past.offer as Past['offer'] | null,
  assigned_at: iso(past.assigned_at) as string | null,
  started_at: past.started_at === null ? null : iso(past.started_at),
  ended_at: iso(past.ended_at) as string | null,
  stage: null as { name: Stage; message: string; at: string } | null,
  container: past.container,
});

/** A waiting job has a submission too, as in dstack: the one that will be assigned next. */
function currentSubmission(job: JobState): ReturnType<typeof pastSubmission>[] {
  if (job.phase.kind === 'ended' || job.phase.kind === 'awaiting_gang') return [];
  const attempt = attemptOf(job);
  const stage = job.phase.kind === 'assigned' ? job.phase.stage : null;
  const startedAt =
    job.phase.kind === 'running' || job.phase.kind === 'stopping' ? job.phase.started_at : null;
  return [
    {
      number: attempt?.submission ?? job.submission,
      status: statusOf(job),
      termination_reason: null,
      exit_status: null,
      signal: null,
      message: null,
      instance: attempt?.instance ?? null,
      offer: attempt?.offer ?? null,
      assigned_at: attempt ? iso(attempt.assigned_at) : null,
      started_at: startedAt === null ? null : iso(startedAt),
      ended_at: null,
      stage: stage && { ...stage, at: iso(stage.at) },
      container: attempt?.container ?? null,
    },
  ];
}
