import { describe, expect, test } from 'vitest';
import type { InstanceEvent } from '../../../domain/instance/events.ts';
import { Instance } from '../../../domain/instance/stream.ts';
import type { JobEvent } from '../../../domain/job/events.ts';
import { Job } from '../../../domain/job/stream.ts';
import { change, fold } from '../../../domain/kernel/stream.ts';
import { observedBy } from '../../../domain/metrics/observed-by.ts';
import { bundle, FLEET, given, INSTANCE, JOB, offer, spec, T0 } from '../given.ts';

const requested: InstanceEvent = {
  type: 'InstanceRequested',
  fleet: FLEET,
  project: 'main',
  offer: offer(),
  claim: { job: JOB, submission: 0 },
  nonce: 'nonce',
  idle_duration: 300,
  tags: {},
};
const launched: InstanceEvent = { type: 'InstanceLaunched', ec2: 'i-0123456789abcdef0' };
const ready: InstanceEvent = { type: 'InstanceReady' };
const released: InstanceEvent = { type: 'InstanceReleased', claim: { job: JOB, submission: 0 } };
const noticed: InstanceEvent = { type: 'InterruptionNoticed', at: T0 };
const terminated = (reason: 'vanished' | 'idle_duration'): InstanceEvent => ({
  type: 'InstanceTerminated',
  reason,
});
const asked = (reason: 'never_ready' | 'spot_interruption' | 'idle_duration'): InstanceEvent => ({
  type: 'TerminationRequested',
  reason,
});
const refused = (kind: string): InstanceEvent => ({
  type: 'LaunchRefused',
  class: kind,
  code: 'Some',
  message: 'so it is',
});

/** What a decision has to say, made `seconds` after the first event; the events before came a second apart. */
function observed(before: readonly InstanceEvent[], seconds: number, ...events: InstanceEvent[]) {
  const state = before.length > 0 ? given(Instance, ...before) : undefined;
  const loaded = { stream: Instance, id: INSTANCE, version: before.length, state };
  return observedBy(change(loaded, events, T0 + seconds * 1_000))?.observations;
}

const boot = (outcome: string) => ({ of: 'boot', outcome });
const lost = (state: string) => ({ of: 'disappearance', state });
const took = (duration: string, seconds: number) => ({ of: 'duration', duration, seconds });

describe('what an instance has for the metrics', () => {
  test.each<[string, InstanceEvent[], InstanceEvent[], object[] | undefined]>([
    ['a request: nothing yet', [], [requested], undefined],
    ['a launch: nothing yet', [requested], [launched], undefined],
    [
      'ready, 60 s after the first event',
      [requested, launched],
      [ready],
      [boot('ready'), took('time_to_ready', 59)],
    ],
    ['a refusal, by its class', [requested], [refused('quota')], [boot('refused_quota')]],
    ['a refusal of a class that is not known', [requested], [refused('new')], [boot('refused_fatal')]],
    ['given up while booting', [requested, launched], [asked('never_ready')], [boot('never_ready')]],
    ['ended while booting', [requested, launched], [asked('spot_interruption')], [boot('aborted')]],
    [
      'gone while booting',
      [requested, launched],
      [terminated('vanished')],
      [boot('disappeared'), lost('booting')],
    ],
    ['gone while busy', [requested, launched, ready], [terminated('vanished')], [lost('busy')]],
    ['gone while idle', [requested, launched, ready, released], [terminated('vanished')], [lost('idle')]],
    [
      'gone as announced',
      [requested, launched, ready, noticed],
      [terminated('vanished')],
      [lost('draining')],
    ],
    ['asked to end when ready', [requested, launched, ready, released], [asked('idle_duration')], undefined],
    [
      'gone as asked',
      [requested, launched, ready, released, asked('idle_duration')],
      [terminated('idle_duration')],
      [took('time_from_shutdown_to_gone', 56)],
    ],
    [
      'launched and ready in one decision: no time between',
      [requested],
      [launched, ready],
      [boot('ready'), took('time_to_ready', 0)],
    ],
    ['ready that was recorded before', [requested, launched, ready], [released], undefined],
  ])('%s', (_, before, events, expected) => {
    expect(observed(before, 60, ...events)).toEqual(expected);
  });

  test('is its project’s', () => {
    const state = given(Instance, { ...requested, project: 'other' } as InstanceEvent, launched);
    const loaded = { stream: Instance, id: INSTANCE, version: 2, state };
    expect(observedBy(change(loaded, [ready], T0))?.project).toBe('other');
  });
});

describe('what a job has for the metrics', () => {
  const queued: JobEvent = { type: 'JobQueued', spec: spec() };
  const assigned = (submission: number): JobEvent => ({
    type: 'SubmissionAssigned',
    submission,
    instance: INSTANCE,
    offer: offer(),
    bundle,
  });
  const started = (submission: number): JobEvent => ({ type: 'SubmissionStarted', submission, at: T0 });
  const ended: JobEvent = {
    type: 'SubmissionEnded',
    submission: 0,
    status: 'failed',
    reason: 'interrupted_by_no_capacity',
    exit_status: null,
    signal: null,
    log_bytes: null,
    message: null,
  };
  const loaded = (...before: JobEvent[]) => ({
    stream: Job,
    id: JOB,
    version: before.length,
    state: given(Job, ...before),
  });

  test('its first start counts from when it was queued', () => {
    const { observations } = observedBy(change(loaded(queued, assigned(0)), [started(0)], T0 + 90_000)) ?? {};
    expect(observations).toEqual([took('time_from_queue_to_start', 90)]);
  });

  test('a later one from when the submission before ended', () => {
    const before = [queued, assigned(0), ended, { type: 'JobRequeued' as const, submission: 1 }, assigned(1)];
    const { observations } = observedBy(change(loaded(...before), [started(1)], T0 + 90_000)) ?? {};
    expect(observations).toEqual([took('time_from_queue_to_start', 88)]);
  });

  test('a clock that is behind makes no time negative', () => {
    const state = fold(Job, undefined, [queued, assigned(0)], T0 + 5_000);
    const from = { stream: Job, id: JOB, version: 2, state };
    expect(observedBy(change(from, [started(0)], T0))?.observations).toEqual([
      took('time_from_queue_to_start', 0),
    ]);
  });
});
