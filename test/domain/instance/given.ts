import type { InstanceEvent } from '../../../domain/instance/events.ts';
import { Instance } from '../../../domain/instance/stream.ts';
import { FLEET, given, JOB, offer } from '../given.ts';

// An instance launched for one job, at each point of its life.

export const mine = { job: JOB, submission: 0 };
export const requested = {
  type: 'InstanceRequested',
  fleet: FLEET,
  project: 'main',
  offer: offer(),
  claim: mine,
  nonce: 'n',
  idle_duration: 300,
  tags: {},
} satisfies InstanceEvent;
export const up: InstanceEvent = { type: 'InstanceLaunched', ec2: 'i-1' };
export const isReady: InstanceEvent = { type: 'InstanceReady' };
export const freed: InstanceEvent = { type: 'InstanceReleased', claim: mine };
const ends: InstanceEvent = { type: 'TerminationRequested', reason: 'idle_duration' };

export const pending = () => given(Instance, requested);
export const booting = () => given(Instance, requested, up);
export const busy = () => given(Instance, requested, up, isReady);
export const idle = () => given(Instance, requested, up, isReady, freed);
export const terminating = () => given(Instance, requested, up, isReady, freed, ends);
