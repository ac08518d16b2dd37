import { messageOf } from '../gang/words.ts';
import { iso } from '../kernel/instant.ts';
import { type RunState, statusOf } from './state.ts';

/** What a list shows of a run. The API's schema `RunSummary` has the same fields. */
export function summary(run: RunState) {
  return {
    id: run.id,
    name: run.name,
    project: run.project,
    user: run.user,
    fleet: run.fleet,
    image: run.configuration.container?.image ?? null,
    status: statusOf(run),
    termination_reason: run.phase.kind === 'finished' ? run.phase.reason : null,
    message:
      (run.gang && messageOf(run.jobs)) ??
      run.jobs.find((job) => job.message !== null)?.message ??
      messageOf(run.jobs),
    submitted_at: iso(run.submitted_at),
    finished_at: run.phase.kind === 'finished' ? iso(run.phase.at) : null,
    jobs: run.jobs.map((job) => ({
      index: job.index,
      status: job.status,
      submission: job.submission,
      exit_status: job.exit_status,
      instance: job.instance,
      instance_type: job.offer?.instance_type ?? null,
      zone: job.offer?.zone ?? null,
      spot: job.offer?.spot ?? null,
      price: job.offer?.price ?? null,
      image_id: job.image_id,
    })),
  };
}
