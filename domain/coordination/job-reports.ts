import type { ReadyContainer } from '../container/sighting.ts';
import type { Stage } from '../container/stage.ts';
import { release, startFailed } from '../instance/decide.ts';
import type { Claim, InstanceEvent } from '../instance/events.ts';
import { doubt, failedCheck, passedCheck } from '../instance/health.ts';
import type { InstanceState } from '../instance/state.ts';
import { Instance } from '../instance/stream.ts';
import {
  commandFailed,
  containerReady,
  lostInstance,
  over,
  refusedByNode,
  staged,
  started,
  startRepeated,
  startSent,
  stopSent,
} from '../job/decide.ts';
import type { JobEvent } from '../job/events.ts';
import { doubtOf, endingOf, type RunnerExit } from '../job/exit.ts';
import { heard, unheard } from '../job/silence.ts';
import { attemptOf, type JobState } from '../job/state.ts';
import { type JobId, partsOf, type SubmissionId } from '../kernel/ids.ts';
import type { Instant } from '../kernel/instant.ts';
import { change, changesOf, type Provenance } from '../kernel/stream.ts';
import { transact } from '../kernel/transact.ts';
import { type Coordination, loadJob, loadJobWithRun, moveJob } from './move-job.ts';

/** What happened to a submission, told by SSM's answers, by its runner or by its instance's disk. */
export type JobReport =
  | { readonly kind: 'start-sent'; readonly command: string }
  | { readonly kind: 'start-repeated'; readonly command: string }
  | { readonly kind: 'stop-sent'; readonly command: string }
  | { readonly kind: 'command-failed'; readonly command: string; readonly status: string }
  /** Its instance is well, as far as its fleet has it checked. */
  | { readonly kind: 'healthy' }
  | { readonly kind: 'started'; readonly at: Instant }
  | { readonly kind: 'staged'; readonly stage: Stage; readonly message: string }
  | { readonly kind: 'container'; readonly container: ReadyContainer }
  /** It runs, that is all. */
  | { readonly kind: 'heard' }
  | { readonly kind: 'exited'; readonly started_at: Instant | null; readonly exit: RunnerExit };

/** Records it, once. An exit frees the instance in the same append, so that the next job can have it at once. */
export function recordReport(
  on: Coordination,
  provenance: Provenance,
  submission: SubmissionId,
  report: JobReport,
): Promise<void> {
  const { job: id, number } = partsOf(submission);
  return transact<void>(on, provenance, async (read) => {
    const job = await (movesRun(report) ? loadJobWithRun : loadJob)(read, id);
    const attempt = job.state && attemptOf(job.state);
    if (job.state === undefined || attempt?.submission !== number) return { changes: [], result: undefined };
    const now = on.runtime.now();
    switch (report.kind) {
      case 'start-sent':
        return {
          changes: await moveJob(read, job, startSent(job.state, number, report.command), now),
          result: undefined,
        };
      case 'start-repeated': {
        const events = startRepeated(job.state, number, report.command);
        return { changes: await moveJob(read, job, events, now), result: undefined };
      }
      case 'stop-sent':
        return {
          changes: await moveJob(read, job, stopSent(job.state, number, report.command), now),
          result: undefined,
        };
      case 'command-failed': {
        const events = commandFailed(job.state, report.command, report.status);
        return { changes: await moveJob(read, job, events, now), result: undefined };
      }
      case 'staged': {
        const events = staged(job.state, number, report.stage, report.message);
        return { changes: await moveJob(read, job, events, now), result: undefined };
      }
      case 'container': {
        const events = containerReady(job.state, number, report.container);
        return { changes: await moveJob(read, job, events, now), result: undefined };
      }
      case 'healthy': {
        const instance = await read(Instance, attempt.instance);
        const events = instance.state ? passedCheck(instance.state, { job: id, submission: number }) : [];
        return { changes: changesOf(instance, events, now), result: undefined };
      }
      case 'started': {
        const events = [...started(job.state, number, report.at), ...heard(job.state, number)];
        return { changes: await moveJob(read, job, events, now), result: undefined };
      }
      case 'heard':
        return { changes: await moveJob(read, job, heard(job.state, number), now), result: undefined };
      case 'exited': {
        // A start whose report was lost is made up for by the exit that follows it.
        const begun = report.started_at === null ? [] : started(job.state, number, report.started_at);
        const end = endedBy(job.state, report.exit, now);
        const instance = await read(Instance, attempt.instance);
        const freed = instance.state
          ? leave(instance.state, { job: id, submission: number }, report.exit)
          : [];
        return {
          changes: [
            ...(await moveJob(read, job, [...begun, ...end], now)),
            ...(freed.length > 0 ? [change(instance, freed, now)] : []),
          ],
          result: undefined,
        };
      }
    }
  });
}

function endedBy(job: JobState, exit: RunnerExit, now: Instant): JobEvent[] {
  switch (exit.cause) {
    // A bundle that could not be fetched says nothing of the job: it is tried again, as a new submission.
    case 'fetch':
      return lostInstance(job, 'executor_error', whyUnstarted(exit), now);
    // Neither does what its node lacks.
    case 'instance':
      return refusedByNode(job, `its node could not start it: ${whyUnstarted(exit)}`, now);
    case 'health':
      return refusedByNode(job, `its node failed the health check: ${exit.message}`, now);
    default:
      return over(job, endingOf(job, exit), now, 'begun');
  }
}

const whyUnstarted = ({ cause, message }: RunnerExit): string =>
  message ?? (cause === 'fetch' ? 'the bundle could not be fetched' : 'it did not say why');

/** What the exit means for the instance, which is free of the job in any case. */
function leave(instance: InstanceState, claim: Claim, exit: RunnerExit): InstanceEvent[] {
  if (exit.cause === 'health') return failedCheck(instance, claim, exit.message ?? 'it said nothing');
  if (exit.cause === 'instance' || exit.cause === 'fetch')
    return startFailed(instance, claim, whyUnstarted(exit));
  const against = doubtOf(exit);
  return [...(against === null ? [] : doubt(instance, claim, against)), ...release(instance, claim)];
}

const movesRun = ({ kind }: JobReport): boolean => kind === 'started' || kind === 'exited';

/** Records that a running job is not heard of; `hung`: for so long that its machine cannot be alive. */
export function recordUnheard(
  on: Coordination,
  provenance: Provenance,
  id: JobId,
  deadman: number,
): Promise<'running' | 'hung'> {
  return transact<'running' | 'hung'>(on, provenance, async (read) => {
    const job = await loadJob(read, id);
    const now = on.runtime.now();
    const found = job.state ? unheard(job.state, deadman, now) : { kind: 'wait' as const };
    switch (found.kind) {
      case 'record':
        return { changes: await moveJob(read, job, found.events, now), result: 'running' };
      case 'wait':
        return { changes: [], result: 'running' };
      case 'hung':
        return { changes: [], result: 'hung' };
    }
  });
}
