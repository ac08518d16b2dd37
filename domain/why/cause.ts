import type { InstanceState } from '../instance/state.ts';
import { attemptOf, type JobState } from '../job/state.ts';
import type { Instant } from '../kernel/instant.ts';
import type { Commit } from '../kernel/stream.ts';
import type { Place } from '../queue/place.ts';
import type { RunState } from '../run/state.ts';
import { endingCause } from './ending.ts';
import { termsText, words } from './said.ts';
import { underWayCause } from './under-way.ts';

/** Why a run is as it is: a kind for programs, a sentence for people. */
export interface Cause {
  readonly kind: string;
  readonly message: string;
}

/** All that a cause is made of. */
export interface Known {
  readonly run: RunState;
  readonly jobs: readonly JobState[];
  /** Every instance that a job was promised, by id. */
  readonly instances: ReadonlyMap<string, InstanceState>;
  readonly commits: readonly Commit[];
  /** So many offers of the catalogue fit what is asked, whatever EC2 refuses at the moment. */
  readonly fitting: number;
  /** Of the waiting jobs, by index. */
  readonly places: ReadonlyMap<number, Place>;
  readonly now: Instant;
}

/** What one job adds to what is known of the run. */
export interface KnownJob extends Known {
  readonly job: JobState;
  /** The one it has, or had last. */
  readonly instance: InstanceState | undefined;
}

/** The cause of how things are now: that of the job that decides how the run is. */
export function causeOf(known: Known): Cause {
  const job = decidingJob(known.jobs);
  if (job === undefined) return { kind: 'no_job', message: 'the run has no job' };
  const id = attemptOf(job)?.instance ?? job.past.at(-1)?.instance;
  const instance = id === undefined ? undefined : known.instances.get(id);
  const about = { ...known, job, instance };
  if (job.phase.kind === 'ended') return ofNode(about, endingCause(about, job.phase));
  const { kind, message } = underWayCause(about, job.phase);
  return ofNode(about, { kind, message: [message, ...before(job)].join('; ') });
}

/** Of several jobs the one that decides how the run is. */
export const decidingJob = (jobs: readonly JobState[]): JobState | undefined =>
  [...jobs].sort((a, b) => weight(a) - weight(b))[0];

/** Of several the one that decides how the run is, and which others went wrong. */
function ofNode({ run, job }: KnownJob, { kind, message }: Cause): Cause {
  if (run.gang === null) return { kind, message };
  const failed = run.jobs.filter(({ status, index }) => status === 'failed' && index !== job.index);
  const others =
    failed.length === 0 ? '' : `; so did ${failed.map(({ index }) => `node ${index}`).join(', ')}`;
  return { kind, message: `node ${job.index}: ${message}${others}` };
}

/** What failed comes before what was stopped, that before what is still to come, and that before what is well. */
function weight({ phase }: JobState): number {
  switch (phase.kind) {
    case 'ended':
      return { failed: 0, aborted: 1, terminated: 2, done: 6 }[phase.status];
    case 'awaiting_gang':
    case 'stopping':
      return 3;
    case 'waiting':
    case 'backing_off':
    case 'assigned':
      return 4;
    case 'running':
      return 5;
  }
}

/** What went wrong before, and is being made up for. */
function before({ past, refusals }: JobState): string[] {
  const [last, refused] = [past.at(-1), refusals.at(-1)];
  return [
    ...(last === undefined
      ? []
      : [
          `submission ${last.submission} before it ${last.status}: ${words(last.reason)}${last.message === null ? '' : ` (${last.message})`}`,
        ]),
    ...(refused === undefined
      ? []
      : [
          `${refusals.length} refused so far, the last: ${termsText(refused.offer)}: ${refused.refusal.code}`,
        ]),
  ];
}
