import type { HealthSpec } from '../configuration/normalized.ts';
import { paidUntil } from '../fleet/budget.ts';
import { ensure, prolong, reserve } from '../fleet/decide.ts';
import type { FleetLimits } from '../fleet/events.ts';
import { isApart } from '../fleet/placement-group.ts';
import { isOutdated } from '../fleet/rollout.ts';
import type { StoredFleet } from '../fleet/stored-fleet.ts';
import { Fleet } from '../fleet/stream.ts';
import { launchedAs } from '../fleet/terms.ts';
import { mayJoin } from '../gang/rendezvous.ts';
import { claim, divided } from '../instance/decide.ts';
import type { Claim } from '../instance/events.ts';
import { checkFor } from '../instance/health.ts';
import { isReady } from '../instance/state.ts';
import { Instance } from '../instance/stream.ts';
import { assign, defer, type Unplaceable, unplaceable } from '../job/decide.ts';
import type { BundleRef, Wait } from '../job/events.ts';
import { isOfGang, type JobState } from '../job/state.ts';
import type { FleetName, InstanceId, JobId } from '../kernel/ids.ts';
import type { Instant } from '../kernel/instant.ts';
import { change, fold, type Provenance } from '../kernel/stream.ts';
import { type Read, transact } from '../kernel/transact.ts';
import type { OfferTerms } from '../planning/offer.ts';
import { type Cut, shareOfOffer } from '../planning/share.ts';
import { Run } from '../run/stream.ts';
import { type Coordination, loadJob, loadJobWithRun, moveJob } from './move-job.ts';

export interface Assignment {
  readonly fleet: FleetName;
  readonly job: JobId;
  readonly instance: InstanceId;
  /** The one that the bundle was made for: a job that has moved on to the next needs another bundle. */
  readonly submission: number;
  readonly bundle: BundleRef;
}

/** Which blocks of an instance, from 0; of one that is not cut the only one. */
interface OfBlocks {
  readonly blocks: readonly number[];
  /** What the bundle has checked. */
  readonly check: HealthSpec | null;
}

/** The claim and the assignment in one append: no claim without its job, no job on an instance that is another's. */
export function assignTo(
  on: Coordination,
  provenance: Provenance,
  { fleet: name, job: id, instance: instanceId, submission, bundle, blocks, check }: Assignment & OfBlocks,
): Promise<'assigned' | 'no-room' | 'lost'> {
  return transact<'assigned' | 'no-room' | 'lost'>(on, provenance, async (read) => {
    const [fleet, job, instance] = await Promise.all([
      read(Fleet, name),
      loadJobWithRun(read, id),
      read(Instance, instanceId),
    ]);
    if (job.state?.submission !== submission || job.state.fleet !== name || instance.state === undefined)
      return { changes: [], result: 'lost' as const };
    // Since the pass looked: whoever made it looks again, and tells the job.
    if (fleet.state?.closed || fleet.state?.phase.kind === 'deleted') return { changes: [], result: 'lost' };
    // It came to be doubted since the bundle was made.
    const asked = checkFor(fleet.state?.configuration?.health ?? null, instance.state);
    if (asked !== null && check === null) return { changes: [], result: 'lost' };
    const wanted: Claim = { job: id, submission };
    const claimed = claim(instance.state, wanted, blocks);
    const share = shareOfOffer(instance.state.offer, { total: instance.state.blocks, taken: blocks });
    const assigned = assign(job.state, instanceId, share, bundle);
    if (claimed.length === 0 || assigned.length === 0) return { changes: [], result: 'lost' as const };
    if (!(await joins(read, job.state, instance.state.offer))) return { changes: [], result: 'lost' };
    const now = on.runtime.now();
    const until = paidUntil(
      job.state,
      isReady(instance.state) ? 'idle' : { launching: instance.state.offer.instance_type },
      now,
    );
    const committed = prolong(fleet.state, instanceId, until);
    if (committed === 'no-room') return { changes: [], result: 'no-room' };
    return {
      changes: [
        change(instance, claimed, now),
        ...(committed.length > 0 ? [change(fleet, committed, now)] : []),
        ...(await moveJob(read, job, assigned, now)),
      ],
      result: 'assigned',
    };
  });
}

export interface Launch extends Assignment {
  readonly limits: FleetLimits;
  readonly offer: OfferTerms;
  readonly nonce: string;
  /** What the job takes of it. */
  readonly cut: Cut;
}

/** The intent of a launch, before EC2 hears of it: a place in the fleet, the instance's stream and the job's claim on it. */
export function reserveLaunch(
  on: Coordination,
  provenance: Provenance,
  launch: Launch,
): Promise<'reserved' | 'no-room' | 'lost'> {
  return transact(on, provenance, async (read) => {
    const [fleet, instance, job] = await Promise.all([
      read(Fleet, launch.fleet),
      read(Instance, launch.instance),
      loadJobWithRun(read, launch.job),
    ]);
    const { submission } = launch;
    if (
      job.state?.phase.kind !== 'waiting' ||
      job.state.submission !== submission ||
      job.state.fleet !== launch.fleet ||
      instance.state !== undefined
    )
      return { changes: [], result: 'lost' as const };
    if (!(await joins(read, job.state, launch.offer))) return { changes: [], result: 'lost' as const };
    const now = on.runtime.now();
    const created = ensure(fleet.state, job.state.project, launch.limits);
    const current = fold(Fleet, fleet.state, created, now);
    // Another launch has decided meanwhile where the fleet's placement group is: the next pass knows.
    if (isApart(current, launch.offer.zone)) return { changes: [], result: 'lost' as const };
    if (current && isOutdated(current, launch.offer)) return { changes: [], result: 'lost' as const };
    const { job: jobId, instance: instanceId, offer } = launch;
    const span = { from: now, until: paidUntil(job.state, { launching: offer.instance_type }, now) };
    const reserved = current
      ? reserve(current, { instance: instanceId, job: jobId, submission, offer }, span)
      : [];
    if (reserved.length === 0) return { changes: [], result: 'no-room' as const };
    const changes = [
      change(fleet, [...created, ...reserved], now),
      change(
        instance,
        [requested(launch, job.state, current?.configuration ?? null), ...divided(launch.cut)],
        now,
      ),
      ...(await moveJob(
        read,
        job,
        assign(job.state, instanceId, shareOfOffer(offer, launch.cut), launch.bundle),
        now,
      )),
    ];
    return { changes, result: 'reserved' as const };
  });
}

/** Says why the job waits in this fleet, or that it waits in vain: then it ends, or its retry policy has it wait for a while. */
export function leaveWaiting(
  on: Coordination,
  provenance: Provenance,
  { fleet, job: id }: { readonly fleet: FleetName; readonly job: JobId },
  verdict:
    | { kind: 'wait'; wait: Wait; until: Instant | null }
    | { kind: 'hopeless'; why: Unplaceable; message: string },
): Promise<void> {
  return transact(on, provenance, async (read) => {
    const job = await loadJob(read, id);
    if (job.state?.fleet !== fleet) return { changes: [], result: undefined };
    const now = on.runtime.now();
    const events =
      verdict.kind === 'wait'
        ? defer(job.state, verdict.wait, verdict.until)
        : unplaceable(job.state, verdict, now);
    return { changes: await moveJob(read, job, events, now), result: undefined };
  });
}

/** The arbiter of one zone for all nodes of a run. */
async function joins(read: Read, job: JobState, { zone }: OfferTerms): Promise<boolean> {
  if (!isOfGang(job)) return true;
  const { state: run } = await read(Run, job.run);
  return run !== undefined && mayJoin(run, job.index, zone);
}

function requested({ fleet, offer, nonce, job }: Launch, state: JobState, configuration: StoredFleet | null) {
  const { project, submission } = state;
  const { idle_duration, tags } = launchedAs(configuration, state);
  return {
    type: 'InstanceRequested' as const,
    fleet,
    project,
    offer,
    claim: { job, submission },
    nonce,
    idle_duration,
    tags,
  };
}
