import type { JobState } from '../../domain/job/state.ts';
import { partsOf, SubmissionId } from '../../domain/kernel/ids.ts';
import type { Commit, DomainEvent } from '../../domain/kernel/stream.ts';
import type { Scene } from './scene.ts';
import type { Invariant } from './watch.ts';

/** Of a machine that fails one job and then the next. */
const MOST_FAILED_STARTS = 2;
/** Where every start that it had failed, on one machine after the other. */
const GIVEN_UP = /starts failed in a row|submissions succeeded/;

/** Whether what a machine lacks ends no job, and takes no job after the second. */
export function watchStarts(
  { store, lacking }: Pick<Scene, 'store' | 'lacking'>,
  violated: (invariant: Invariant, what: string) => void,
): (commit: Commit) => void {
  /** By instance: submissions that are on record as failed there by what it lacks. */
  const failed = new Map<string, Set<string>>();

  function heedJob(id: string, events: readonly DomainEvent[]): void {
    const of = (type: string) =>
      events.find((event) => event.type === type) as
        | {
            readonly submission: number;
            readonly reason: string;
            readonly status: string;
            readonly message: string | null;
          }
        | undefined;
    const over = of('SubmissionEnded');
    const submission = SubmissionId.safeParse(`${id}-${over?.submission}`);
    if (over === undefined || !submission.success || !lacking.has(submission.data)) return;
    const job = store.heads.get(`Job-${partsOf(submission.data).job}`)?.state as JobState | undefined;
    const instance = job?.past.find((one) => one.submission === over.submission)?.instance;
    if (instance !== undefined)
      failed.set(instance, (failed.get(instance) ?? new Set()).add(submission.data));
    const end = of('JobEnded');
    if (end?.reason === 'executor_error' && !GIVEN_UP.test(end.message ?? ''))
      violated("failed for its machine's sake", `${submission.data}: ${end.message}`);
  }

  function heedInstance(id: string, events: readonly DomainEvent[]): void {
    const claimed = events.some(({ type }) => type === 'InstanceClaimed' || type === 'BlocksClaimed');
    const before = failed.get(id)?.size ?? 0;
    if (claimed && before >= MOST_FAILED_STARTS)
      violated('black hole', `${id} takes another job, after ${before} that it could not start`);
  }

  return ({ stream, events }) => {
    if (stream.name === 'Job') heedJob(stream.id, events);
    if (stream.name === 'Instance') heedInstance(stream.id, events);
  };
}
