import { START_LIMIT } from '../job/retry.ts';
import type { JobPhase, PastSubmission } from '../job/state.ts';
import { saidBy } from '../kernel/said-by.ts';
import type { DomainEvent } from '../kernel/stream.ts';
import type { Cause, KnownJob } from './cause.ts';
import { commandsText, termsText, who, words } from './said.ts';

type Ended = Extract<JobPhase, { kind: 'ended' }>;

/** Why a job ended as it did. */
export function endingCause(known: KnownJob, ended: Ended): Cause {
  const last = known.job.past.at(-1);
  const where = `${last ? `, on ${termsText(last.offer)}` : ''}${afterRetries(known)}`;
  const said = (kind: string, message: string): Cause => ({
    kind,
    message: `${ended.status}: ${message}${where}`,
  });
  const told = ended.message === null ? '' : `: ${ended.message}`;
  switch (ended.reason) {
    case 'done_by_runner':
      return said('done', `${commandsText(known.run.configuration.commands)} ended with exit status 0`);
    case 'container_exited_with_error':
      return exited(known, last, said);
    case 'executor_error':
      if (startsFailed(known) && known.instance?.health === 'failed')
        return said('nodes_unhealthy', `none of ${START_LIMIT} instances passed its health check${told}`);
      return startsFailed(known)
        ? said('bundle_not_fetched', `it could not be started ${START_LIMIT} times${told}`)
        : // What was told may end with lines of a set-up script: nothing comes after it.
          {
            kind: 'setup_failed',
            message: `set-up failed${where}${told}`,
          };
    case 'creating_container_error':
      return said('container_refused', ended.message ?? 'its container could not be made');
    case 'max_duration_exceeded':
      return said('max_duration', `stopped at its max_duration${durationOf(known)}`);
    case 'terminated_by_user':
      return said('stopped_by_user', `${stopper(known)} stopped it${told}`);
    case 'aborted_by_user':
      return said('aborted_by_user', `${stopper(known)} aborted it`);
    case 'terminated_by_server':
      return said('ended_by_server', `Sortie ended it${told}`);
    case 'failed_to_start_due_to_no_capacity':
      return notStarted(known, ended, said);
    case 'waiting_runner_limit_exceeded':
      return said('never_ready', `no instance became ready${told}`);
    case 'instance_unreachable':
      return said('runner_lost', `the runner was lost with the commands${told}`);
    case 'interrupted_by_no_capacity':
      return interrupted(known, said);
  }
}

/** How often it was tried again before. */
function afterRetries({ commits }: KnownJob): string {
  const retries = commits
    .flatMap(({ events }) => events)
    .filter(({ type }) => type === 'RetryScheduled').length;
  return retries === 0 ? '' : `, after ${retries === 1 ? '1 retry' : `${retries} retries`}`;
}

type Say = (kind: string, message: string) => Cause;

function exited({ run }: KnownJob, last: PastSubmission | undefined, said: Say): Cause {
  const commands = commandsText(run.configuration.commands);
  // The runner names the command that failed, where it knows it.
  if (last?.message) return said(last.signal ? 'signal' : 'exit_status', last.message);
  return last?.signal
    ? said('signal', `${last.signal} ended ${commands}`)
    : said('exit_status', `exit status ${last?.exit_status ?? 'unknown'} of ${commands}`);
}

const startsFailed = ({ job }: KnownJob): boolean =>
  job.past.filter(({ started_at }) => started_at === null).length >= START_LIMIT;

const durationOf = ({ job }: KnownJob): string =>
  job.requirements.max_duration === null ? '' : ` of ${job.requirements.max_duration} s`;

function stopper({ commits }: KnownJob): string {
  const asked = commits
    .flatMap(({ events }) => events)
    .findLast((event): event is DomainEvent & { by: string } => event.type === 'RunStopRequested');
  return asked ? who(asked.by) : 'the user';
}

/** EC2 said no for good, or to everything; or there was nothing to ask it for. */
function notStarted({ job, fitting }: KnownJob, { message }: Ended, said: Say): Cause {
  const last = job.refusals.at(-1);
  const why = message ?? 'nobody said why';
  if (last?.refusal.class === 'fatal')
    return said(
      'refused_for_good',
      `EC2 refused ${termsText(last.offer)} for good: ${last.refusal.code}: ${last.refusal.message}`,
    );
  if (last?.refusal.class === 'unclassified') return said('refused_for_unknown_reach', why);
  if (job.creation_policy === 'reuse') return said('nothing_to_reuse', why);
  if (last !== undefined) {
    const count = job.refusals.length;
    const offers = count === 1 ? '1 offer was' : `${count} offers were`;
    return said(
      last.refusal.class,
      `${offers} refused; the last, ${termsText(last.offer)}: ${last.refusal.code}: ${last.refusal.message}`,
    );
  }
  return said(fitting === 0 ? 'no_offer_fits' : 'capacity', why);
}

const ends: Readonly<Record<string, string>> = {
  spot_interruption: 'EC2 took its spot instance back',
  vanished: "its instance vanished from EC2's listing",
  terminated_outside: 'its instance was terminated from outside Sortie',
  untrusted: 'its instance showed another nonce than it was launched with',
};

/** What became of its instance says why. */
function interrupted({ instance }: KnownJob, said: Say): Cause {
  const reason =
    instance?.phase.kind === 'terminating' || instance?.phase.kind === 'terminated'
      ? instance.phase.reason
      : 'spot_interruption';
  if (reason === 'ended_by_operator' && instance?.withheld)
    return said(reason, `its instance was killed ${saidBy(instance.withheld)}`);
  return said(reason, ends[reason] ?? `its instance ended: ${words(reason)}`);
}
