import { recordReport } from '../../domain/coordination/job-reports.ts';
import { isPastStartGrace } from '../../domain/instance/decide.ts';
import { ec2Of } from '../../domain/instance/state.ts';
import { Instance } from '../../domain/instance/stream.ts';
import type { ProbedSubmission } from '../../domain/job/commands.ts';
import type { Attempt, JobState } from '../../domain/job/state.ts';
import { partsOf, type SubmissionId } from '../../domain/kernel/ids.ts';
import type { Provenance } from '../../domain/kernel/stream.ts';
import { endInstanceOf, giveUpInstance } from './give-up-instance.ts';
import type { Reactive } from './ports.ts';
import { type Step, visitStep } from './step.ts';

/** Acts on what an instance's disk says of a submission whose reports are missing. */
export async function heedProbe(
  on: Reactive,
  provenance: Provenance,
  submission: SubmissionId,
  { attempt, job }: { attempt: Attempt; job: JobState },
  found: readonly ProbedSubmission[],
): Promise<Step[]> {
  const own = found.find((one) => one.submission === submission);
  if (own === undefined) return missing(on, provenance, submission, { attempt, job });
  switch (own.state) {
    case 'running':
      // Until the commands have begun its runner is alive at what comes first: a node's check, an image, the other nodes.
      if (own.started_at !== null)
        await recordReport(on, provenance, submission, { kind: 'started', at: own.started_at });
      return [];
    case 'exited':
      if (own.exit === null) return [];
      await recordReport(on, provenance, submission, {
        kind: 'exited',
        started_at: own.started_at,
        exit: own.exit,
      });
      return [visitStep('Job', partsOf(submission).job), visitStep('Instance', attempt.instance)];
    case 'lost':
      return lose(on, provenance, submission, attempt);
  }
}

/** The disk knows nothing of it. Only where nobody has said that it started may it be started again, or be over. */
async function missing(
  on: Reactive,
  provenance: Provenance,
  submission: SubmissionId,
  { attempt, job }: { attempt: Attempt; job: JobState },
): Promise<Step[]> {
  if (job.phase.kind === 'assigned') return startAgain(on, provenance, submission, attempt);
  if (job.phase.kind !== 'stopping' || job.phase.started_at !== null)
    return lose(on, provenance, submission, attempt);
  const exit = { cause: 'stopped' as const, status: null, signal: null, log_bytes: 0, message: null };
  await recordReport(on, provenance, submission, { kind: 'exited', started_at: null, exit });
  return [visitStep('Job', partsOf(submission).job), visitStep('Instance', attempt.instance)];
}

async function lose(
  on: Reactive,
  provenance: Provenance,
  submission: SubmissionId,
  attempt: Attempt,
): Promise<Step[]> {
  // The supervisor died without a word: what its commands still do there is unknown, so the machine goes with it.
  return giveUpInstance(on, provenance, partsOf(submission).job, attempt, {
    reason: 'runner_lost',
    message: 'the runner died on its instance, without an exit status',
  });
}

/**
 * The command was accepted but never arrived (SSM: DeliveryTimedOut, or an agent that restarted): it is sent again. Where it
 * keeps coming to nothing the machine is at fault, and would be for the next job too: it goes, and the job goes elsewhere.
 */
async function startAgain(
  on: Reactive,
  provenance: Provenance,
  submission: SubmissionId,
  attempt: Attempt,
): Promise<Step[]> {
  const { job } = partsOf(submission);
  const givenUp = await endInstanceOf(on, provenance, job, attempt, {
    reason: 'runner_lost',
    message: 'its instance has answered for 5 minutes, and no job begins there',
    while: (instance) => isPastStartGrace(instance, job, on.runtime.now()),
  });
  if (givenUp.kind === 'ends') return givenUp.next;
  const { state } = await on.store.load(Instance, attempt.instance);
  const ec2 = state && ec2Of(state);
  if (!ec2) return [];
  const sent = await on.commands.start(ec2, submission, await on.bundles.link(attempt.bundle.key));
  if (sent.kind === 'sent')
    await recordReport(on, provenance, submission, { kind: 'start-repeated', command: sent.command });
  return [];
}
