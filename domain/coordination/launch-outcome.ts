import { cancel, quotaReached, unavailable } from '../fleet/decide.ts';
import type { FleetEvent } from '../fleet/events.ts';
import type { FleetState } from '../fleet/state.ts';
import { Fleet } from '../fleet/stream.ts';
import type { LaunchOutcome } from '../instance/cloud.ts';
import { launched, ready, refused, throttled } from '../instance/decide.ts';
import { claimOf, type InstanceState } from '../instance/state.ts';
import { Instance } from '../instance/stream.ts';
import { refused as jobRefused } from '../job/decide.ts';
import type { Refusal } from '../job/events.ts';
import type { InstanceId } from '../kernel/ids.ts';
import type { Instant } from '../kernel/instant.ts';
import { change, type Provenance } from '../kernel/stream.ts';
import { transact } from '../kernel/transact.ts';
import { type Coordination, loadJob, moveJob } from './move-job.ts';

/** What EC2 said to RunInstances. A refusal frees the place, is remembered by the fleet, and sends the job back to the queue. */
export function recordLaunch(
  on: Coordination,
  provenance: Provenance,
  id: InstanceId,
  outcome: LaunchOutcome,
): Promise<void> {
  return transact<void>(on, provenance, async (read) => {
    const instance = await read(Instance, id);
    if (instance.state === undefined) throw new Error(`instance ${id} was launched without an intent`);
    const now = on.runtime.now();
    switch (outcome.kind) {
      case 'throttled': {
        const events = throttled(instance.state, outcome.code, now);
        return { changes: events.length > 0 ? [change(instance, events, now)] : [], result: undefined };
      }
      case 'launched': {
        const events = launched(instance.state, outcome.ec2);
        if (events.length === 0) return { changes: [], result: undefined };
        const alias = { kind: 'ec2-instance' as const, key: outcome.ec2, from: undefined, to: id };
        return { changes: [change(instance, events, now)], aliases: [alias], result: undefined };
      }
      case 'refused': {
        const events = refused(instance.state, outcome.refusal);
        if (events.length === 0) return { changes: [], result: undefined };
        const fleet = await read(Fleet, instance.state.fleet);
        const claim = claimOf(instance.state);
        const job = claim && (await loadJob(read, claim.job));
        const lesson = fleet.state ? learn(fleet.state, id, instance.state, outcome.refusal, now) : [];
        const turned = job?.state
          ? jobRefused(job.state, id, instance.state.offer, outcome.refusal, now)
          : [];
        return {
          changes: [
            change(instance, events, now),
            ...(lesson.length > 0 ? [change(fleet, lesson, now)] : []),
            ...(job ? await moveJob(read, job, turned, now) : []),
          ],
          result: undefined,
        };
      }
    }
  });
}

/** The node has reported, or its agent answers. `wrong-nonce`: the report is from some other machine. */
export function recordReady(
  on: Coordination,
  provenance: Provenance,
  id: InstanceId,
  proof: { nonce: string } | 'agent-online',
): Promise<'ready' | 'unknown' | 'wrong-nonce'> {
  return transact<'ready' | 'unknown' | 'wrong-nonce'>(on, provenance, async (read) => {
    const instance = await read(Instance, id);
    if (instance.state === undefined) return { changes: [], result: 'unknown' };
    if (proof !== 'agent-online' && proof.nonce !== instance.state.nonce)
      return { changes: [], result: 'wrong-nonce' };
    const events = ready(instance.state);
    return {
      changes: events.length > 0 ? [change(instance, events, on.runtime.now())] : [],
      result: 'ready',
    };
  });
}

function learn(
  fleet: FleetState,
  id: InstanceId,
  instance: InstanceState,
  refusal: Refusal,
  now: Instant,
): FleetEvent[] {
  const { offer } = instance;
  const freed = cancel(fleet, id);
  switch (refusal.class) {
    case 'quota':
      return [...freed, ...quotaReached(offer, refusal.code, now)];
    case 'capacity':
    case 'network':
    case 'boot':
      return [...freed, ...unavailable(fleet, offer, refusal.code, now)];
    case 'fatal':
      return freed;
  }
}
