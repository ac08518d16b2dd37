import { GANG_DEADLINE } from '../gang/state.ts';
import { bootDeadline, ec2Of } from '../instance/state.ts';
import { dueOf, type JobPhase } from '../job/state.ts';
import type { DomainEvent } from '../kernel/stream.ts';
import { placeText } from '../queue/place.ts';
import type { Cause, KnownJob } from './cause.ts';
import { clock, termsText, words } from './said.ts';

type UnderWay = Exclude<JobPhase, { kind: 'ended' }>;

/** Why a job is no further than it is. */
export function underWayCause(known: KnownJob, phase: UnderWay): Cause {
  switch (phase.kind) {
    case 'waiting':
      return waiting(known, phase);
    case 'backing_off': {
      const { wait, since } = phase;
      return { kind: wait.kind, message: `waiting since ${clock(since, known.now)}: ${wait.message}` };
    }
    case 'assigned':
      if (phase.sent === null) return withoutStart(known, phase);
      return aboutToBegin(known, phase) ?? toldToStart(known, phase, phase.sent);
    case 'running':
      return running(known, phase);
    case 'stopping':
      return stopping(known, phase);
    case 'awaiting_gang':
      return {
        kind: 'awaiting_gang',
        message: `its submission is over since ${clock(phase.since, known.now)}, and it waits for the other nodes`,
      };
  }
}

type Phase<K extends UnderWay['kind']> = Extract<UnderWay, { kind: K }>;

function waiting({ job, places, now }: KnownJob, phase: Phase<'waiting'>): Cause {
  const place = places.get(job.index);
  const look = dueOf(job);
  const reason =
    phase.wait?.message ??
    `nobody has looked at it yet; sync does at ${look === undefined ? 'its next pass' : clock(look, now)} at the latest`;
  return {
    kind: phase.wait?.kind ?? 'queued',
    message: `waiting since ${clock(phase.since, now)}: ${reason}${place ? `; place ${placeText(place)}` : ''}`,
  };
}

function withoutStart({ instance, commits, now }: KnownJob, { attempt }: Phase<'assigned'>): Cause {
  const terms = termsText(attempt.offer);
  const since = clock(attempt.assigned_at, now);
  switch (instance?.phase.kind) {
    case 'requested': {
      const { throttles, inconsistent_since, retry_at } = instance.phase;
      if (inconsistent_since !== null)
        return {
          kind: 'launching',
          message: `provisioning: EC2 does not know yet what ${terms} takes (${lastSaid(commits, 'LaunchDeferred', 'message')}); asked for again at ${clock(retry_at, now)}`,
        };
      if (throttles === 0)
        return { kind: 'launching', message: `provisioning: EC2 is asked for ${terms} since ${since}` };
      const code = lastSaid(commits, 'LaunchThrottled', 'code');
      return {
        kind: 'throttled',
        message: `provisioning: EC2 throttles launches (${code}) since ${since}; ${terms} is asked for again at ${clock(retry_at, now)}`,
      };
    }
    case 'booting': {
      const { ec2, launched_at, said } = instance.phase;
      const told = said === null ? '' : `: ${said.message}`;
      return {
        kind: 'booting',
        message: `provisioning: instance ${ec2} (${terms}) is booting since ${clock(launched_at, now)}${told}; given up at ${clock(launched_at + bootDeadline(instance.offer.instance_type), now)}`,
      };
    }
    case 'busy':
    case 'draining':
      return {
        kind: 'start_not_sent',
        message: `provisioning: instance ${instance.phase.ec2} (${terms}) is ready since ${clock(instance.phase.since, now)}, and SSM has not taken the start yet`,
      };
    default:
      return { kind: 'launching', message: `provisioning: promised ${terms} since ${since}` };
  }
}

type Sent = NonNullable<Phase<'assigned'>['sent']>;

function toldToStart(
  { instance, commits, now }: KnownJob,
  { attempt }: Phase<'assigned'>,
  sent: Sent,
): Cause {
  const on = `${(instance && ec2Of(instance)) ?? 'its instance'} (${termsText(attempt.offer)})`;
  if (sent.outcome !== 'failed')
    return {
      kind: 'starting',
      message: `provisioning: told ${sent.outcome === 'repeated' ? 'again ' : ''}to start on ${on} at ${clock(sent.at, now)} (SSM command ${sent.command}); its runner has not reported yet`,
    };
  const status = lastSaid(commits, 'CommandFailed', 'status');
  return {
    kind: 'command_failed',
    message: `provisioning: SSM command ${sent.command} to ${on} came to nothing (${status}); its disk is asked whether the job runs`,
  };
}

/** Its runner has reported: it is at its container, or waits for the other nodes of the run. */
function aboutToBegin({ run, job, now }: KnownJob, { stage }: Phase<'assigned'>): Cause | undefined {
  const phase = run.gang?.phase;
  if (phase?.kind === 'gathering' && run.gang?.arrivals.some(({ index }) => index === job.index)) {
    const missing = run.jobs.filter(({ index }) => !run.gang?.arrivals.some((one) => one.index === index));
    const nodes = missing.map(({ index }) => `node ${index}`).join(', ');
    const until = phase.since === null ? '' : `; given back at ${clock(phase.since + GANG_DEADLINE, now)}`;
    return { kind: 'rendezvous', message: `provisioning: it is there, and waits for ${nodes}${until}` };
  }
  if (phase?.kind === 'preparing' && phase.prepared.includes(job.index))
    return { kind: 'rendezvous', message: 'provisioning: it is prepared, and waits for the other nodes' };
  if (stage === null) return undefined;
  return { kind: stage.name, message: `${stage.name} since ${clock(stage.at, now)}: ${stage.message}` };
}

function running({ instance, now }: KnownJob, { attempt, started_at }: Phase<'running'>): Cause {
  const on = `${(instance && ec2Of(instance)) ?? 'its instance'} (${termsText(attempt.offer)})`;
  const since = `running since ${clock(started_at, now)} on ${on}`;
  if (instance?.phase.kind === 'draining')
    return {
      kind: 'spot_interruption',
      message: `${since}; EC2 has said at ${clock(instance.phase.since, now)} that it takes the instance back`,
    };
  if (instance?.missed_at)
    return {
      kind: 'missing',
      message: `${since}; EC2's listing lacks the instance since ${clock(instance.missed_at, now)}, a second look follows`,
    };
  return { kind: 'running', message: since };
}

function stopping({ now }: KnownJob, { mode, reason, since, sent }: Phase<'stopping'>): Cause {
  const told =
    sent === null
      ? 'SSM has not taken the stop yet'
      : sent.outcome === 'failed'
        ? `SSM command ${sent.command} came to nothing, its disk is asked`
        : `told by SSM command ${sent.command} at ${clock(sent.at, now)}, its commands have not ended yet`;
  return {
    kind: reason === 'interrupted_by_no_capacity' ? 'spot_interruption' : 'stopping',
    message: `terminating since ${clock(since, now)}: ${words(reason)} (${mode}); ${told}`,
  };
}

/** What the last event of a type has under a name; the states do not keep it. */
function lastSaid(commits: KnownJob['commits'], type: string, name: string): string {
  const event = commits.flatMap(({ events }) => events).findLast((one: DomainEvent) => one.type === type) as
    | Readonly<Record<string, unknown>>
    | undefined;
  const said = event?.[name];
  return typeof said === 'string' ? said : 'nobody said why';
}
