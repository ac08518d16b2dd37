import { recordReport, recordUnheard } from '../../domain/coordination/job-reports.ts';
import { requeue } from '../../domain/coordination/requeue.ts';
import { claimOn } from '../../domain/instance/claims.ts';
import { isPastAgentGrace } from '../../domain/instance/decide.ts';
import { Instance } from '../../domain/instance/stream.ts';
import { nextAction, type Ring } from '../../domain/job/next-action.ts';
import { type Attempt, type JobState, QUIET } from '../../domain/job/state.ts';
import { Job } from '../../domain/job/stream.ts';
import type { JobId, SubmissionId } from '../../domain/kernel/ids.ts';
import { submissionId } from '../../domain/kernel/ids.ts';
import { type Instant, MINUTE, SECOND } from '../../domain/kernel/instant.ts';
import { isFinal } from '../../domain/kernel/status.ts';
import { hasSecrets } from '../../domain/run/secrets.ts';
import { statusOf } from '../../domain/run/state.ts';
import { Run } from '../../domain/run/stream.ts';
import { giveUpInstance } from './give-up-instance.ts';
import { heedProbe } from './heed-probe.ts';
import { sharing } from './in-flight.ts';
import type { Reactive } from './ports.ts';
import { provenanceOf } from './provenance.ts';
import { nothingRung, type Step } from './step.ts';

/** Looks at a job and does what comes next for it. */
export async function reactToJob(on: Reactive, id: JobId, ring: Ring): Promise<Step[]> {
  const { state: job, version } = await on.store.load(Job, id);
  if (job === undefined) return [];
  const provenance = provenanceOf(on, { name: 'Job', id }, version, job.run);
  const action = nextAction(job, ring, on.runtime.now());
  switch (action.kind) {
    case 'rest':
      return [];
    case 'place':
      return [{ kind: 'place', fleet: job.fleet, rung: { ...nothingRung, jobs: [{ id, state: job }] } }];
    case 'requeue':
      // Its doorbell brings what follows: who went on from here as well would send the same start as the one it wakes.
      await requeue(on, provenance, id);
      return [];
    case 'start':
      return start(on, id, action.attempt, provenance);
    case 'stop':
      return stop(on, id, job, action.attempt, provenance);
    case 'probe':
      return probe(on, id, job, action.attempt, provenance);
    case 'force':
      return giveUpInstance(on, provenance, id, action.attempt, {
        reason: 'stop_overdue',
        message: 'the commands had not ended when the stop was overdue',
      });
    case 'tidy':
      return tidy(on, job);
  }
}

type Provenance = ReturnType<typeof provenanceOf>;

/** Sends the start once the instance can hear it. Sent twice, the job's directory on the instance is the guard. */
async function start(on: Reactive, id: JobId, attempt: Attempt, provenance: Provenance): Promise<Step[]> {
  const busy = await busyWith(on, id, attempt);
  const soon = on.runtime.now() + 5 * SECOND;
  if (busy === undefined) {
    await on.store.remind({ name: 'Job', id }, on.runtime.now() + MINUTE);
    return [];
  }
  const submission = submissionId(id, attempt.submission);
  // Shared from here only: whether the instance is ready, each caller has to see for itself.
  return sendOnce(on, submission, async () => {
    const outcome = await startSoon(on, busy.since, async () =>
      on.commands.start(busy.ec2, submission, await on.bundles.link(attempt.bundle.key)),
    );
    // An agent that has not registered yet is booting, not failing: asked again at the next pass.
    if (outcome.kind === 'unreachable') {
      await on.store.remind({ name: 'Job', id }, soon);
      return giveUpAgent(on, id, attempt, provenance);
    }
    await recordReport(on, provenance, submission, { kind: 'start-sent', command: outcome.command });
    return [];
  });
}

const sendOnce = sharing<Step[]>();

const REGISTERS_WITHIN = 30 * SECOND;
const LONGEST_PAUSE = 2 * SECOND;

/**
 * An agent may register a moment after user data has finished. That moment is waited for: sync, which looks after whom is
 * unreachable, comes by once a minute.
 */
async function startSoon(
  on: Reactive,
  ready: Instant,
  send: () => ReturnType<Reactive['commands']['start']>,
): ReturnType<Reactive['commands']['start']> {
  for (let pause = 100; ; pause = Math.min(LONGEST_PAUSE, 2 * pause)) {
    const outcome = await send();
    if (outcome.kind === 'sent' || on.runtime.now() >= ready + REGISTERS_WITHIN) return outcome;
    await on.runtime.pause(pause);
  }
}

async function stop(
  on: Reactive,
  id: JobId,
  job: JobState,
  attempt: Attempt,
  provenance: Provenance,
): Promise<Step[]> {
  const busy = await busyWith(on, id, attempt);
  const submission = submissionId(id, attempt.submission);
  if (busy === undefined || job.phase.kind !== 'stopping') return [];
  const outcome = await on.commands.stop(busy.ec2, submission, job.phase.mode, job.phase.reason);
  if (outcome.kind === 'unreachable')
    await on.store.remind({ name: 'Job', id }, on.runtime.now() + 5 * SECOND);
  else await recordReport(on, provenance, submission, { kind: 'stop-sent', command: outcome.command });
  return [];
}

async function probe(
  on: Reactive,
  id: JobId,
  job: JobState,
  attempt: Attempt,
  provenance: Provenance,
): Promise<Step[]> {
  const busy = await busyWith(on, id, attempt);
  const submission: SubmissionId = submissionId(id, attempt.submission);
  await on.store.remind({ name: 'Job', id }, on.runtime.now() + QUIET);
  if (busy === undefined) return [];
  const answer = (await on.commands.probe([busy.ec2])).get(busy.ec2);
  if (answer !== undefined && answer.kind !== 'unreachable') {
    // Where user data has not finished, no job has ever begun.
    const found = answer.kind === 'answered' ? answer.submissions : [];
    return heedProbe(on, provenance, submission, { attempt, job }, found);
  }
  switch (job.phase.kind) {
    case 'assigned':
      return giveUpAgent(on, id, attempt, provenance);
    case 'running':
      return doubt(on, id, attempt, provenance);
    default:
      return [];
  }
}

/** A job that runs is left alone, however long its agent is silent, until its machine cannot be alive any more. */
async function doubt(on: Reactive, id: JobId, attempt: Attempt, provenance: Provenance): Promise<Step[]> {
  if ((await recordUnheard(on, provenance, id, on.settings.deadmanSeconds)) === 'running') return [];
  return giveUpInstance(on, provenance, id, attempt, {
    reason: 'runner_lost',
    message: 'its instance hangs: silent for longer than its dead-man timer lets a living one be',
  });
}

/** A job that nobody saw start is not left waiting for its agent. */
async function giveUpAgent(
  on: Reactive,
  id: JobId,
  attempt: Attempt,
  provenance: Provenance,
): Promise<Step[]> {
  return giveUpInstance(on, provenance, id, attempt, {
    reason: 'runner_lost',
    message: "its instance's SSM agent has not answered for 20 minutes",
    while: (instance) => isPastAgentGrace(instance, id, on.runtime.now()),
  });
}

/** Secrets are erased with the job, the sealed environment with the last job of the run; the bucket's lifecycle is the backstop. */
async function tidy(on: Reactive, job: JobState): Promise<Step[]> {
  const run = await on.store.load(Run, job.run);
  await Promise.all([
    ...job.past.map(({ bundle }) => on.bundles.eraseBundle(bundle.key)),
    ...(run.state && hasSecrets(run.state.configuration) && isFinal(statusOf(run.state))
      ? [on.bundles.eraseSeal({ run: job.run, seal: run.state.seal })]
      : []),
  ]);
  return [];
}

/** The attempt's instance, if it is up and this job's. `since`: when the job could be started there. */
async function busyWith(
  on: Reactive,
  id: JobId,
  attempt: Attempt,
): Promise<{ readonly ec2: string; readonly since: Instant } | undefined> {
  const { state } = await on.store.load(Instance, attempt.instance);
  if (state?.phase.kind !== 'busy' && state?.phase.kind !== 'draining') return undefined;
  const claim = claimOn(state, id);
  return claim && { ec2: state.phase.ec2, since: claim.since };
}
