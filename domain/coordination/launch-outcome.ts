import type { LaunchOutcome } from '../instance/cloud.ts';
import { booting, deferred, launched, ready, refused, throttled } from '../instance/decide.ts';
import { Instance } from '../instance/stream.ts';
import type { Refusal } from '../job/events.ts';
import type { InstanceId } from '../kernel/ids.ts';
import type { Instant } from '../kernel/instant.ts';
import { change, changesOf, type Provenance } from '../kernel/stream.ts';
import { type Proposal, type Read, transact } from '../kernel/transact.ts';
import { afterRefusal, type LoadedInstance } from './after-refusal.ts';
import { learnSuccess, learnThrottle } from './lessons.ts';
import type { Coordination } from './move-job.ts';

/** What EC2 said to RunInstances. A refusal frees the place, is remembered by the fleet, and sends its jobs back to the queue. */
export function recordLaunch(
  on: Coordination,
  provenance: Provenance,
  id: InstanceId,
  outcome: Exclude<LaunchOutcome, { kind: 'withheld' }>,
): Promise<void> {
  return transact<void>(on, provenance, async (read) => {
    const instance = await read(Instance, id);
    if (instance.state === undefined) throw new Error(`instance ${id} was launched without an intent`);
    const now = on.runtime.now();
    switch (outcome.kind) {
      case 'throttled': {
        const { fleet, lesson } = await learnThrottle(read, instance.state.fleet, outcome.code, now);
        const until = fleet?.throttle?.until ?? now;
        const events = throttled(instance.state, outcome.code, until);
        return {
          changes: events.length > 0 ? [change(instance, events, now), ...lesson] : [],
          result: undefined,
        };
      }
      case 'inconsistent': {
        const events = deferred(instance.state, outcome.refusal, now);
        if (events.length > 0) return { changes: [change(instance, events, now)], result: undefined };
        return refuse(on, read, instance, { ...outcome.refusal, class: 'fatal' }, now);
      }
      case 'launched': {
        const events = launched(instance.state, outcome.ec2);
        if (events.length === 0) return { changes: [], result: undefined };
        const alias = { kind: 'ec2-instance' as const, key: outcome.ec2, from: undefined, to: id };
        const lesson = await learnSuccess(read, instance.state, now);
        return { changes: [change(instance, events, now), ...lesson], aliases: [alias], result: undefined };
      }
      case 'refused':
        return refuse(on, read, instance, outcome.refusal, now);
    }
  });
}

/** EC2 throttled another launch of the account: this one waits as well, without being asked for. */
export function holdLaunch(
  on: Coordination,
  provenance: Provenance,
  id: InstanceId,
  { code, until }: { code: string; until: Instant },
): Promise<void> {
  return transact<void>(on, provenance, async (read) => {
    const instance = await read(Instance, id);
    const events = instance.state ? throttled(instance.state, code, until) : [];
    return {
      changes: changesOf(instance, events, on.runtime.now()),
      result: undefined,
    };
  });
}

const refuse = async (
  on: Coordination,
  read: Read,
  instance: LoadedInstance,
  why: Refusal,
  now: Instant,
): Promise<Proposal<void>> => {
  const events = instance.state ? refused(instance.state, why) : [];
  return { changes: await afterRefusal(on, read, instance, events, why, now), result: undefined };
};

/**
 * User data has finished: the node says so itself, or its agent has shown what user data leaves last. `wrong-nonce`: the
 * report is from another machine. `too-early`: the instance booted before the answer to its launch was recorded. Nothing is
 * recorded then, and the node has to report again.
 */
export function recordReady(
  on: Coordination,
  provenance: Provenance,
  id: InstanceId,
  proof: { nonce: string } | 'probed',
): Promise<'ready' | 'unknown' | 'wrong-nonce' | 'too-early'> {
  return transact<'ready' | 'unknown' | 'wrong-nonce' | 'too-early'>(on, provenance, async (read) => {
    const instance = await read(Instance, id);
    if (instance.state === undefined) return { changes: [], result: 'unknown' };
    if (proof !== 'probed' && proof.nonce !== instance.state.nonce)
      return { changes: [], result: 'wrong-nonce' };
    if (instance.state.phase.kind === 'requested') return { changes: [], result: 'too-early' };
    const events = ready(instance.state);
    return {
      changes: changesOf(instance, events, on.runtime.now()),
      result: 'ready',
    };
  });
}

/** What user data is at, or fails at, before the node is ready; nothing of a report from another machine. */
export function recordBooting(
  on: Coordination,
  provenance: Provenance,
  id: InstanceId,
  proof: { nonce: string } | 'probed',
  message: string,
): Promise<'booting' | 'unknown' | 'wrong-nonce'> {
  return transact<'booting' | 'unknown' | 'wrong-nonce'>(on, provenance, async (read) => {
    const instance = await read(Instance, id);
    if (instance.state === undefined) return { changes: [], result: 'unknown' };
    if (proof !== 'probed' && proof.nonce !== instance.state.nonce)
      return { changes: [], result: 'wrong-nonce' };
    const events = booting(instance.state, message);
    return {
      changes: changesOf(instance, events, on.runtime.now()),
      result: 'booting',
    };
  });
}
