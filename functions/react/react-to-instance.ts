import { endInstance, recordGone } from '../../domain/coordination/end-instance.ts';
import { interruptJob } from '../../domain/coordination/interruption.ts';
import {
  holdLaunch,
  recordBooting,
  recordLaunch,
  recordReady,
} from '../../domain/coordination/launch-outcome.ts';
import { throttleOf } from '../../domain/fleet/holds.ts';
import { Fleet } from '../../domain/fleet/stream.ts';
import { nextAction } from '../../domain/instance/next-action.ts';
import { type InstanceState, isDrained, isFree } from '../../domain/instance/state.ts';
import { Instance } from '../../domain/instance/stream.ts';
import type { Ring } from '../../domain/job/next-action.ts';
import type { FleetName, InstanceId } from '../../domain/kernel/ids.ts';
import { MINUTE, SECOND } from '../../domain/kernel/instant.ts';
import type { Provenance, StreamRef } from '../../domain/kernel/stream.ts';
import { otherFleets } from './other-fleets.ts';
import { groupFor, makeAgain } from './placement-group.ts';
import type { Reactive } from './ports.ts';
import { provenanceOf } from './provenance.ts';
import { keepTags } from './roll-out.ts';
import { nothingRung, type Step, visitStep } from './step.ts';

const UNKNOWN_FOR = 2 * MINUTE;

/** Looks at an instance and does what comes next for it. */
export async function reactToInstance(on: Reactive, stream: StreamRef, ring: Ring): Promise<Step[]> {
  const id = stream.id as InstanceId;
  const { state: instance, version } = await on.store.load(Instance, id);
  if (instance === undefined) return [];
  const provenance = provenanceOf(on, stream, version, instance.fleet);
  const steps = await doNext(on, stream, instance, provenance, ring);
  return [...steps, ...(await keepTags(on, provenance, id, instance))];
}

async function doNext(
  on: Reactive,
  stream: StreamRef,
  instance: InstanceState,
  provenance: Provenance,
  ring: Ring,
): Promise<Step[]> {
  const id = stream.id as InstanceId;
  const again = [visitStep('Instance', id)];
  const action = nextAction(instance, ring, on.runtime.now());
  switch (action.kind) {
    case 'rest':
      return [];
    case 'launch':
      return launch(on, stream, instance, provenance);
    case 'look-at-boot': {
      // That its agent answers proves nothing: user data may still be at work.
      const probe = (await on.commands.probe([action.ec2])).get(action.ec2);
      if (probe?.kind === 'answered') {
        await recordReady(on, provenance, id, 'probed');
        return again;
      }
      if (probe?.kind === 'booting') await recordBooting(on, provenance, id, 'probed', probe.message);
      return wait(on, stream, 20 * SECOND);
    }
    case 'look-whether-it-ended': {
      const found = await on.cloud.find(action.ec2);
      // Unknown to the cloud, it may also be too new for it: sync looks again, and knows how often it did.
      if (found?.state !== 'terminated') return [];
      await recordGone(on, provenance, id, 'terminated_outside', found.end);
      return again;
    }
    case 'give-up-boot':
      await endInstance(on, provenance, id, {
        reason: 'never_ready',
        message: `${instance.offer.instance_type} in ${instance.offer.zone} was not ready in time`,
        while: (now) => now.phase.kind === 'booting',
      });
      return [...again, { kind: 'place', fleet: instance.fleet, rung: nothingRung }];
    case 'ring-jobs':
      return [
        ...action.claims.map(({ job }) => visitStep('Job', job)),
        ...(action.free ? [offerToQueue(id, instance)] : []),
      ];
    case 'interrupt-jobs':
      await Promise.all(action.claims.map(({ job }) => interruptJob(on, provenance, job)));
      return action.claims.map(({ job }) => visitStep('Job', job));
    case 'offer-to-queue':
      return [offerToQueue(id, instance)];
    case 'end-idle':
      return (await endInstance(on, provenance, id, {
        reason: 'idle_duration',
        message: 'idle',
        while: isFree,
      })) === 'ends'
        ? again
        : wait(on, stream, 5 * MINUTE);
    case 'end-drained':
      await endInstance(on, provenance, id, {
        reason: 'ended_by_operator',
        message: 'drained',
        while: isDrained,
      });
      return again;
    case 'terminate': {
      const asked = on.runtime.now();
      const outcome = await on.cloud.terminate(action.ec2);
      if (outcome !== 'gone') return wait(on, stream, MINUTE);
      // What was launched a moment ago is not known everywhere: EC2's word is taken when, asked then, it still says so.
      if (asked < action.since + UNKNOWN_FOR) return wait(on, stream, 15 * SECOND);
      await recordGone(on, provenance, id, 'terminated_outside');
      return again;
    }
  }
}

const offerToQueue = (id: InstanceId, state: InstanceState): Step => ({
  kind: 'place',
  fleet: state.fleet,
  rung: { ...nothingRung, instances: [{ id, state }] },
});

/** The intent is on record: the same call again is the same launch, by its token. */
async function launch(
  on: Reactive,
  stream: StreamRef,
  { fleet, offer, nonce, launch_tags: tags }: InstanceState,
  provenance: Provenance,
): Promise<Step[]> {
  const id = stream.id as InstanceId;
  const { state, throttle } = await standing(on, fleet);
  if (throttle) {
    await holdLaunch(on, provenance, id, throttle);
    return [];
  }
  const group = await groupFor(on, provenance, fleet, state, id);
  if (group.kind === 'leaving') return wait(on, stream, 5 * SECOND);
  const outcome =
    group.kind === 'not-made'
      ? group.outcome
      : await on.cloud.launch({ instance: id, fleet, offer, nonce, tags, group: group.id });
  if (group.kind === 'ready' && outcome.kind === 'inconsistent') await makeAgain(on, fleet, state, group);
  if (outcome.kind === 'withheld') return [visitStep('Instance', id, 'due')];
  await recordLaunch(on, provenance, id, outcome);
  return outcome.kind === 'refused' ? [{ kind: 'place', fleet, rung: nothingRung }] : [];
}

/** The account's launches wait for the same time, whichever of them was told so. */
async function standing(on: Reactive, name: FleetName) {
  const [{ state }, others] = await Promise.all([on.store.load(Fleet, name), otherFleets(on, name)]);
  return { state, throttle: throttleOf([...(state ? [state] : []), ...others], on.runtime.now()) };
}

async function wait(on: Reactive, stream: StreamRef, milliseconds: number): Promise<Step[]> {
  await on.store.remind(stream, on.runtime.now() + milliseconds);
  return [];
}
