import { giveBack } from '../fleet/decide.ts';
import { dismiss } from '../fleet/nodes.ts';
import { unavailable } from '../fleet/refusals.ts';
import { NEVER_READY } from '../fleet/remember.ts';
import type { FleetState } from '../fleet/state.ts';
import { Fleet } from '../fleet/stream.ts';
import { claimOn } from '../instance/claims.ts';
import { abandon, gone, takenBack, terminate } from '../instance/decide.ts';
import type { InstanceEnd, InstanceEvent } from '../instance/events.ts';
import { claimsOf, type InstanceState } from '../instance/state.ts';
import { Instance } from '../instance/stream.ts';
import { lostInstance } from '../job/decide.ts';
import type { Refusal } from '../job/events.ts';
import { attemptOf } from '../job/state.ts';
import type { InstanceId, JobId } from '../kernel/ids.ts';
import type { Instant } from '../kernel/instant.ts';
import type { TerminationReason } from '../kernel/status.ts';
import { type Change, change, changesOf, fold, type Provenance } from '../kernel/stream.ts';
import { type Read, transact } from '../kernel/transact.ts';
import { afterRefusal, type LoadedInstance } from './after-refusal.ts';
import { type Coordination, loadJob, moveJob, moveJobs } from './move-job.ts';

/** What the jobs on an instance are told when the instance is ended under it. */
const told: Record<InstanceEnd, TerminationReason> = {
  launch_refused: 'failed_to_start_due_to_no_capacity',
  never_ready: 'waiting_runner_limit_exceeded',
  idle_duration: 'terminated_by_server',
  made_room: 'terminated_by_server',
  stop_overdue: 'terminated_by_server',
  aborted_by_user: 'aborted_by_user',
  runner_lost: 'instance_unreachable',
  spot_interruption: 'interrupted_by_no_capacity',
  vanished: 'interrupted_by_no_capacity',
  terminated_outside: 'interrupted_by_no_capacity',
  no_intent: 'terminated_by_server',
  ended_by_operator: 'interrupted_by_no_capacity',
  untrusted: 'interrupted_by_no_capacity',
  fleet_deleted: 'terminated_by_server',
  budget_spent: 'terminated_by_server',
};

/**
 * Asks for an instance's end, as recorded; the reaction then calls EC2. The jobs on it, if any, learn of it in the
 * same append. `stays`: it is none to end any more, or its fleet keeps it. `while`: only if the instance is still as the caller saw it;
 * `whileFleet`: only if its fleet is.
 */
export function endInstance(
  on: Coordination,
  provenance: Provenance,
  id: InstanceId,
  end: {
    reason: InstanceEnd;
    message: string;
    while?: (instance: InstanceState) => boolean;
    whileFleet?: (fleet: FleetState) => boolean;
  },
): Promise<'ends' | 'stays'> {
  return transact<'ends' | 'stays'>(on, provenance, async (read) => {
    const instance = await read(Instance, id);
    if (instance.state === undefined || end.while?.(instance.state) === false)
      return { changes: [], result: 'stays' };
    // After the instance: what its fleet comes to commit for it moves the instance in the same append, and this one is lost.
    const fleet = end.whileFleet && (await read(Fleet, instance.state.fleet)).state;
    if (fleet && end.whileFleet?.(fleet) === false) return { changes: [], result: 'stays' };
    const now = on.runtime.now();
    const events = terminate(instance.state, end.reason);
    if (events.length === 0) return { changes: [], result: 'stays' };
    const lesson = end.reason === 'never_ready' ? await avoidOffering(read, instance.state, now) : [];
    const dismissed = isForIdleness(end.reason) ? await leaveFleet(read, instance, now) : [];
    if (dismissed === 'kept') return { changes: [], result: 'stays' };
    const lost = await loseJobs(read, instance, told[end.reason], end.message, now);
    return { changes: [change(instance, events, now), ...lesson, ...dismissed, ...lost], result: 'ends' };
  });
}

const isForIdleness = (reason: InstanceEnd): boolean => reason === 'idle_duration' || reason === 'made_room';

/** Two idle instances of three may not both leave a fleet that keeps two: the fleet's append is the arbiter. */
async function leaveFleet(read: Read, instance: LoadedInstance, now: Instant): Promise<Change[] | 'kept'> {
  if (instance.state === undefined) return [];
  const fleet = await read(Fleet, instance.state.fleet);
  const events = fleet.state ? dismiss(fleet.state, instance.id as InstanceId) : [];
  if (events === 'kept') return 'kept';
  return changesOf(fleet, events, now);
}

/**
 * Ends the instance on which a job came to grief, as `abandon` has it: where others are on it, it is only this job that
 * learns of it, and leaves. `while`: only if the job has it, and it is still as the caller saw it.
 */
export function endForJob(
  on: Coordination,
  provenance: Provenance,
  { instance: id, job: jobId }: { readonly instance: InstanceId; readonly job: JobId },
  end: { reason: InstanceEnd; message: string; while?: (instance: InstanceState) => boolean },
): Promise<'ends' | 'stays'> {
  return transact<'ends' | 'stays'>(on, provenance, async (read) => {
    const [instance, job] = await Promise.all([read(Instance, id), loadJob(read, jobId)]);
    const claim = instance.state && claimOn(instance.state, jobId);
    if (instance.state === undefined || claim === undefined || end.while?.(instance.state) === false)
      return { changes: [], result: 'stays' };
    const now = on.runtime.now();
    const events = abandon(instance.state, claim, end);
    if (events.length === 0) return { changes: [], result: 'stays' };
    const lost =
      job.state && attemptOf(job.state)?.instance === id
        ? lostInstance(job.state, told[end.reason], end.message, now)
        : [];
    return {
      changes: [change(instance, events, now), ...(await moveJob(read, job, lost, now))],
      result: 'ends',
    };
  });
}

/**
 * The cloud says it is gone: its place in the fleet is free, its jobs learn what became of it. `why`: the cloud's own reason
 * to end it. Of one that was not ready yet that is the refusal of its launch.
 */
export function recordGone(
  on: Coordination,
  provenance: Provenance,
  id: InstanceId,
  otherwise: InstanceEnd,
  why: Refusal | null = null,
): Promise<void> {
  return transact<void>(on, provenance, async (read) => {
    const instance = await read(Instance, id);
    if (instance.state === undefined) return { changes: [], result: undefined };
    const now = on.runtime.now();
    const late = why ? takenBack(instance.state, why) : [];
    if (why && late.length > 0)
      return { changes: await afterRefusal(on, read, instance, late, why, now), result: undefined };
    const events = gone(instance.state, otherwise);
    if (events.length === 0) return { changes: [], result: undefined };
    return { changes: await departure(read, instance, events, now, why), result: undefined };
  });
}

/** The changes that an instance's departure makes: to itself, to its fleet and to its jobs. */
export async function departure(
  read: Read,
  instance: LoadedInstance,
  events: readonly InstanceEvent[],
  now: Instant,
  why: Refusal | null = null,
): Promise<Change[]> {
  const after = fold(Instance, instance.state, events, now);
  if (instance.state === undefined || after?.phase.kind !== 'terminated')
    return [change(instance, events, now)];
  const fleet = await read(Fleet, instance.state.fleet);
  const freed = fleet.state ? giveBack(fleet.state, instance.id as InstanceId) : [];
  // Gone before it was up, and nobody says why: as with one that never came up, its kind may be at fault.
  const lesson =
    fleet.state && instance.state.phase.kind === 'booting'
      ? unavailable(fleet.state, instance.state.offer, NEVER_READY, now)
      : [];
  const { reason } = after.phase;
  const said = why === null ? '' : `: ${why.code}: ${why.message}`;
  return [
    change(instance, events, now),
    ...(freed.length + lesson.length > 0 ? [change(fleet, [...freed, ...lesson], now)] : []),
    ...(await loseJobs(read, instance, told[reason], `its instance is gone (${reason})${said}`, now)),
  ];
}

export async function loseJobs(
  read: Read,
  instance: LoadedInstance,
  reason: TerminationReason,
  message: string,
  now: Instant,
): Promise<Change[]> {
  const claims = instance.state ? claimsOf(instance.state) : [];
  const jobs = await Promise.all(claims.map(({ job }) => loadJob(read, job)));
  const lost = jobs.flatMap((job) =>
    job.state && attemptOf(job.state)?.instance === instance.id
      ? [{ job, events: lostInstance(job.state, reason, message, now) }]
      : [],
  );
  return moveJobs(read, lost, now);
}

/** A machine that never came up says something about its kind: the next offer is tried before the same again. */
async function avoidOffering(
  read: Read,
  { fleet: name, offer }: InstanceState,
  now: Instant,
): Promise<Change[]> {
  const fleet = await read(Fleet, name);
  return fleet.state ? [change(fleet, unavailable(fleet.state, offer, NEVER_READY, now), now)] : [];
}
