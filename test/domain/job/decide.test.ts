import { describe, expect, test } from 'vitest';
import type { Stage } from '../../../domain/container/stage.ts';
import {
  assign,
  defer,
  ended,
  lostInstance,
  refused,
  requestStop,
  started,
  startRepeated,
  startSent,
  stopSent,
} from '../../../domain/job/decide.ts';
import type { JobEvent } from '../../../domain/job/events.ts';
import { endingOf } from '../../../domain/job/exit.ts';
import { START_LIMIT } from '../../../domain/job/retry.ts';
import { type JobState, QUIET } from '../../../domain/job/state.ts';
import { Job } from '../../../domain/job/stream.ts';
import { progressOf } from '../../../domain/job/view.ts';
import { fold } from '../../../domain/kernel/stream.ts';
import { bundle, given, INSTANCE, JOB, offer, spec, T0, types } from '../given.ts';

const queued: JobEvent = { type: 'JobQueued', spec: spec() };
const assigned: JobEvent = {
  type: 'SubmissionAssigned',
  submission: 0,
  instance: INSTANCE,
  offer: offer(),
  bundle,
};
const sent: JobEvent = { type: 'StartSent', submission: 0, command: 'c-1' };
const begun: JobEvent = { type: 'SubmissionStarted', submission: 0, at: T0 + 3_000 };
const stopping: JobEvent = { type: 'StopRequested', mode: 'graceful', reason: 'terminated_by_user' };

const waiting = () => given(Job, queued);
const onItsWay = () => given(Job, queued, assigned);
const told = () => given(Job, queued, assigned, sent);
const running = () => given(Job, queued, assigned, sent, begun);

const exit = (status: number) => ({
  cause: 'commands' as const,
  status,
  signal: null,
  log_bytes: 3,
  message: null,
});

/** Whatever was decided, deciding it again on the result decides nothing. */
function once(job: JobState, decide: (job: JobState) => JobEvent[]): JobEvent[] {
  const events = decide(job);
  const after = fold(Job, job, events, T0 + 60_000) as JobState;
  expect(decide(after)).toEqual([]);
  return events;
}

describe('an assignment', () => {
  test('is taken by a waiting job, once', () => {
    expect(types(once(waiting(), (job) => assign(job, INSTANCE, offer(), bundle)))).toEqual([
      'SubmissionAssigned',
    ]);
  });

  test('is refused by a job that has an instance', () => {
    expect(assign(running(), INSTANCE, offer(), bundle)).toEqual([]);
  });
});

describe('waiting', () => {
  const wait = { kind: 'fleet_limit' as const, message: 'full' };

  test('gives its reason once, and again only when it changes', () => {
    const job = given(Job, queued, ...defer(waiting(), wait, null));
    expect(defer(job, wait, null)).toEqual([]);
    expect(types(defer(job, { kind: 'quota', message: 'quota' }, T0))).toEqual(['PlacementDeferred']);
  });

  test('keeps its place by age, however often the reason changes', () => {
    const job = given(Job, queued, { type: 'PlacementDeferred', wait, until: null });
    expect(job.phase).toMatchObject({ kind: 'waiting', since: T0 });
  });

  test('is looked at when the reason is said to end', () => {
    const job = given(Job, queued, { type: 'PlacementDeferred', wait, until: T0 + 5_000 });
    expect(Job.placement(job, JOB).due).toBe(T0 + 5_000);
  });

  test('higher priority stands before age in the queue', () => {
    const sort = (priority: number) =>
      Job.placement(given(Job, { type: 'JobQueued', spec: spec({ priority }) }), JOB).work?.sort ?? '';
    expect([sort(0), sort(100), sort(50)].toSorted()).toEqual([sort(100), sort(50), sort(0)]);
  });

  test('age decides among equals, whatever their ids', () => {
    const sort = (at: number, id: string) =>
      Job.placement({ ...waiting(), queued_at: at }, id).work?.sort ?? '';
    expect(sort(T0, 'z') < sort(T0 + 1, 'a')).toBe(true);
  });
});

describe('a refused launch', () => {
  const capacity = { class: 'capacity' as const, code: 'InsufficientInstanceCapacity', message: 'none left' };

  test('sends the job back to the queue under the same number, with the refusal', () => {
    const events = once(onItsWay(), (job) => refused(job, INSTANCE, offer(), capacity, T0));
    const job = fold(Job, onItsWay(), events, T0 + 9_000) as JobState;
    expect(job).toMatchObject({ submission: 0, phase: { kind: 'waiting' } });
    expect(job.refusals.map(({ refusal }) => refusal.code)).toEqual(['InsufficientInstanceCapacity']);
  });

  test('of the fatal kind ends the job with the code', () => {
    const fatal = { class: 'fatal' as const, code: 'UnauthorizedOperation', message: 'no' };
    const job = fold(Job, onItsWay(), refused(onItsWay(), INSTANCE, offer(), fatal, T0), T0) as JobState;
    expect(job.phase).toMatchObject({
      kind: 'ended',
      status: 'failed',
      message: 'UnauthorizedOperation: no',
    });
  });

  test('of another instance is no news', () => {
    expect(
      refused(onItsWay(), 'i00000000000000000000000000' as typeof INSTANCE, offer(), capacity, T0),
    ).toEqual([]);
  });
});

describe('a start', () => {
  test('is recorded as sent, then as reported, each once', () => {
    expect(types(startSent(onItsWay(), 0, 'c-1'))).toEqual(['StartSent']);
    expect(types(once(told(), (job) => started(job, 0, T0)))).toEqual(['SubmissionStarted']);
  });

  test('sent by two who did not know of each other is recorded once', () => {
    expect(types(once(onItsWay(), (job) => startSent(job, 0, 'c-1')))).toEqual(['StartSent']);
    expect(startSent(told(), 0, 'c-2')).toEqual([]);
  });

  test('sent again is recorded once for each command', () => {
    const again = (job: JobState) => startRepeated(job, 0, 'c-2');
    expect(types(once(told(), again))).toEqual(['StartRepeated']);
    expect(startRepeated(onItsWay(), 0, 'c-2')).toEqual([]);
  });

  test('reported before SSM has answered counts all the same', () => {
    const job = fold(Job, onItsWay(), started(onItsWay(), 0, T0), T0) as JobState;
    expect(job.phase.kind).toBe('running');
    expect(startSent(job, 0, 'c-1')).toEqual([]);
  });

  test('of an earlier submission is ignored', () => {
    expect(started(told(), 7, T0)).toEqual([]);
  });

  test('reported while the job is being stopped does not undo the stop', () => {
    const job = given(Job, queued, assigned, sent, stopping, begun);
    expect(job.phase).toMatchObject({ kind: 'stopping', started_at: T0 + 4_000 });
  });
});

describe('a stop', () => {
  test('ends a job that waits', () => {
    expect(types(once(waiting(), (job) => requestStop(job, 'graceful', 'terminated_by_user')))).toEqual([
      'JobEnded',
    ]);
  });

  test('ends a job that nobody has told to start', () => {
    const events = requestStop(onItsWay(), 'graceful', 'terminated_by_user');
    expect(types(events)).toEqual(['SubmissionEnded', 'JobEnded']);
  });

  test('asks a job that may run, once', () => {
    for (const job of [told(), running()])
      expect(types(once(job, (one) => requestStop(one, 'graceful', 'terminated_by_user')))).toEqual([
        'StopRequested',
      ]);
  });

  test('that aborts ends a running job at once, and one that is stopping', () => {
    const slow = given(Job, queued, assigned, sent, begun, stopping);
    for (const job of [running(), slow]) {
      const after = fold(Job, job, requestStop(job, 'abort', 'aborted_by_user'), T0) as JobState;
      expect(after.phase).toMatchObject({ kind: 'ended', status: 'aborted', reason: 'aborted_by_user' });
    }
  });

  test('is sent once', () => {
    const job = given(Job, queued, assigned, sent, begun, stopping);
    expect(types(once(job, (one) => stopSent(one, 0, 'c-2')))).toEqual(['StopSent']);
  });
});

describe('an exit', () => {
  test('of 0 is done, any other fails, each once', () => {
    for (const [status, outcome] of [[0, 'done'] as const, [3, 'failed'] as const]) {
      const events = once(running(), (job) => ended(job, endingOf(job, exit(status))));
      const job = fold(Job, running(), events, T0) as JobState;
      expect(job.phase).toMatchObject({ kind: 'ended', status: outcome });
      expect(job.past.at(-1)).toMatchObject({ exit_status: status, log_bytes: 3 });
    }
  });

  test('by itself while a stop is on its way is judged by its status', () => {
    const job = given(Job, queued, assigned, sent, begun, stopping);
    expect(endingOf(job, exit(0))).toMatchObject({ status: 'done' });
    expect(endingOf(job, { ...exit(0), cause: 'stopped' })).toMatchObject({
      status: 'terminated',
      reason: 'terminated_by_user',
    });
  });

  test('on a stop says what the runner adds, not the reason back', () => {
    const job = given(Job, queued, assigned, sent, begun, stopping);
    const told = (message: string) => endingOf(job, { ...exit(143), cause: 'stopped', message }).message;
    expect(told('terminated_by_user')).toBeNull();
    expect(told('processes 7 outlived KILL')).toBe('processes 7 outlived KILL');
  });

  test('after max_duration says so', () => {
    expect(endingOf(running(), { ...exit(143), cause: 'max_duration' })).toMatchObject({
      status: 'terminated',
      reason: 'max_duration_exceeded',
    });
  });
});

describe('a lost instance', () => {
  test('sends a job that had not started back to the queue, as a new submission', () => {
    const events = lostInstance(told(), 'waiting_runner_limit_exceeded', 'never ready', T0);
    const job = fold(Job, told(), events, T0) as JobState;
    expect(job).toMatchObject({ submission: 1, phase: { kind: 'waiting' } });
  });

  test(`ends it after ${START_LIMIT} failed starts, with the count`, () => {
    let job = waiting();
    for (let n = 0; n < START_LIMIT; n++) {
      job = fold(Job, job, assign(job, INSTANCE, offer(), bundle), T0 + n) as JobState;
      job = fold(
        Job,
        job,
        lostInstance(job, 'waiting_runner_limit_exceeded', 'never ready', T0 + n),
        T0 + n,
      ) as JobState;
    }
    expect(job.phase).toMatchObject({ kind: 'ended', status: 'failed' });
    expect(job.phase.kind === 'ended' && job.phase.message).toContain(`${START_LIMIT} starts failed`);
    expect(job.past).toHaveLength(START_LIMIT);
  });

  test('fails a job that ran', () => {
    const job = fold(
      Job,
      running(),
      lostInstance(running(), 'interrupted_by_no_capacity', 'gone', T0),
      T0,
    ) as JobState;
    expect(job.phase).toMatchObject({
      kind: 'ended',
      status: 'failed',
      reason: 'interrupted_by_no_capacity',
    });
  });
});

test('every phase but the last has a due time, so that a lost doorbell is made up for', () => {
  const slow = given(Job, queued, assigned, sent, begun, stopping);
  for (const job of [waiting(), onItsWay(), told(), running(), slow])
    expect(Job.placement(job, JOB).due).toBeTypeOf('number');
  expect(Job.placement(running(), JOB).due).toBe(T0 + 3_000 + QUIET);
  const over = fold(Job, running(), ended(running(), endingOf(running(), exit(0))), T0) as JobState;
  expect(Job.placement(over, JOB)).toEqual({});
});

test('a job is provisioning until its container is begun, then pulling, whatever that takes, until its commands run', () => {
  const statusAfter = (...events: JobEvent[]) =>
    progressOf(given(Job, queued, assigned, sent, ...events)).status;
  const stage = (name: Stage): JobEvent => ({
    type: 'SubmissionStaged',
    submission: 0,
    stage: name,
    message: '',
  });
  const steps = (['checking', 'pulling', 'loading', 'starting', 'setup'] as const).map(stage);
  expect(statusAfter()).toBe('provisioning');
  expect(steps.map((_, n) => statusAfter(...steps.slice(0, n + 1)))).toEqual([
    ...['provisioning', 'pulling', 'pulling', 'pulling', 'pulling'],
  ]);
  // On a node that has the image already, too.
  expect(statusAfter(stage('starting'))).toBe('pulling');
  expect(statusAfter(...steps, begun)).toBe('running');
});
