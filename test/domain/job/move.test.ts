import { expect, test } from 'vitest';
import { moveTo } from '../../../domain/job/decide.ts';
import type { JobEvent } from '../../../domain/job/events.ts';
import type { JobState } from '../../../domain/job/state.ts';
import { Job, queueOf } from '../../../domain/job/stream.ts';
import { FleetName } from '../../../domain/kernel/ids.ts';
import { fold } from '../../../domain/kernel/stream.ts';
import { bundle, FLEET, given, INSTANCE, JOB, offer, spec, T0 } from '../given.ts';

const SMALL = FleetName.parse('small');
const to = { from: FLEET, to: SMALL, message: 'the fleet is full' };
const queued: JobEvent = { type: 'JobQueued', spec: spec({ fleets: [FLEET, SMALL] }) };
const assigned: JobEvent = {
  ...{ type: 'SubmissionAssigned', submission: 0, instance: INSTANCE, offer: offer(), bundle },
};

test('a waiting job goes to another of its fleets, once, and is as old there as it was', () => {
  const job = given(Job, queued);
  const events = moveTo(job, to);
  expect(events).toEqual([{ type: 'JobMoved', fleet: SMALL, message: 'the fleet is full' }]);
  const moved = fold(Job, job, events, T0 + 60_000) as JobState;
  expect(moveTo(moved, to)).toEqual([]);
  const [was, is] = [Job.placement(job, JOB), Job.placement(moved, JOB)];
  expect(is).toEqual({ ...was, work: { ...was.work, key: queueOf(SMALL) } });
});

test('one that has an instance stays, and none goes where its run may not', () => {
  expect(moveTo(given(Job, queued, assigned), to)).toEqual([]);
  expect(moveTo(given(Job, { type: 'JobQueued', spec: spec() }), to)).toEqual([]);
  expect(moveTo(given(Job, queued), { ...to, from: SMALL, to: FLEET })).toEqual([]);
});
