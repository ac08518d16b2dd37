import { describe, expect, test } from 'vitest';
import type { FinalStatus } from '../../../domain/kernel/status.ts';
import { fold } from '../../../domain/kernel/stream.ts';
import { advance, stop } from '../../../domain/run/decide.ts';
import type { JobProgress, RunEvent } from '../../../domain/run/events.ts';
import { type RunState, statusOf } from '../../../domain/run/state.ts';
import { Run } from '../../../domain/run/stream.ts';
import { summary } from '../../../domain/run/view.ts';
import { FLEET, given, RUN, T0, task, types } from '../given.ts';

const submitted = (nodes = 1): RunEvent => ({
  type: 'RunSubmitted',
  id: RUN,
  name: 'brisk-otter-1',
  project: 'main',
  user: 'alice',
  fleet: FLEET,
  configuration: { ...task(), nodes },
  fingerprint: 'f',
  seal: 'none',
  code: null,
});

const job = (status: JobProgress['status'], fields: Partial<JobProgress> = {}): JobProgress => ({
  index: 0,
  status,
  submission: 0,
  reason: null,
  message: null,
  exit_status: null,
  instance: null,
  offer: null,
  image_id: null,
  ...fields,
});

const after = (run: RunState, events: readonly RunEvent[]): RunState =>
  fold(Run, run, events, T0) as RunState;

describe('a run', () => {
  test('is as far as its job', () => {
    const statuses = (['provisioning', 'running'] as const).map((status) =>
      statusOf(after(given(Run, submitted()), advance(given(Run, submitted()), job(status)))),
    );
    expect([statusOf(given(Run, submitted())), ...statuses]).toEqual([
      'submitted',
      'provisioning',
      'running',
    ]);
  });

  test('whose nodes are refused before anything began there was never running', () => {
    const two = given(Run, submitted(2));
    const [first, second] = [job('provisioning'), job('provisioning', { index: 1 })];
    const placed = after(two, [...advance(two, first), ...advance(two, second)]);
    const refused = after(placed, [
      { type: 'GangRefused', message: 'node 1 has no such container' },
      { type: 'JobAdvanced', job: { ...first, status: 'failed' } },
    ]);
    expect(statusOf(refused)).toBe('provisioning');
    const all = after(refused, [{ type: 'JobAdvanced', job: { ...second, status: 'failed' } }]);
    expect(statusOf(all)).toBe('provisioning');
  });

  test('of which one node has ended, and others have begun, is running', () => {
    const two = given(Run, submitted(2));
    const going = after(two, [
      { type: 'GangMet', order: null, warnings: [] },
      { type: 'NodePrepared', index: 0, submission: 0 },
      { type: 'NodePrepared', index: 1, submission: 0 },
      { type: 'JobAdvanced', job: job('done') },
      { type: 'JobAdvanced', job: job('provisioning', { index: 1 }) },
    ]);
    expect(statusOf(going)).toBe('running');
    const parting = after(going, [{ type: 'GangParted', because: 'node_over', message: 'node 0 is over' }]);
    expect(statusOf(parting)).toBe('running');
  });

  test.each<[FinalStatus, JobProgress['reason'], string, string]>([
    ['done', 'done_by_runner', 'done', 'all_jobs_done'],
    ['failed', 'container_exited_with_error', 'failed', 'job_failed'],
    ['terminated', 'terminated_by_user', 'terminated', 'stopped_by_user'],
    ['terminated', 'max_duration_exceeded', 'terminated', 'max_duration_exceeded'],
    ['aborted', 'aborted_by_user', 'aborted', 'aborted_by_user'],
  ])('whose job is %s (%s) is %s: %s', (status, reason, outcome, because) => {
    const run = after(given(Run, submitted()), advance(given(Run, submitted()), job(status, { reason })));
    expect(run.phase).toMatchObject({ kind: 'finished', status: outcome, reason: because });
  });

  test('that failed says in lists why: in the words of its job, else by its exit status', () => {
    const listed = (of: Partial<JobProgress>) => {
      const failed = job('failed', { reason: 'container_exited_with_error', exit_status: 3, ...of });
      return summary(after(given(Run, submitted()), advance(given(Run, submitted()), failed))).message;
    };
    expect(listed({})).toBe('exit status 3');
    expect(listed({ message: '`false` exited 3' })).toBe('`false` exited 3');
    expect(summary(given(Run, submitted())).message).toBeNull();
  });

  test('of two jobs ends with the second, and fails with either', () => {
    const two = given(Run, submitted(2));
    const one = after(two, advance(two, job('failed', { index: 0, reason: 'container_exited_with_error' })));
    expect(one.phase.kind).toBe('active');
    expect(after(one, advance(one, job('done', { index: 1, reason: 'done_by_runner' }))).phase).toMatchObject(
      { status: 'failed' },
    );
  });

  test('that has finished hears nothing more', () => {
    const over = after(given(Run, submitted()), advance(given(Run, submitted()), job('done')));
    expect(advance(over, job('running'))).toEqual([]);
  });

  test('is among the unfinished until it has finished', () => {
    const run = given(Run, submitted());
    expect(Run.placement(run, RUN).work).toBeDefined();
    expect(Run.placement(after(run, advance(run, job('done'))), RUN).work).toBeUndefined();
  });
});

describe('a stop', () => {
  const decided = (run: RunState, mode: 'graceful' | 'abort') => {
    const result = stop(run, mode, 'user:alice');
    return result.ok ? types(result.value) : result.error.kind;
  };

  test('is taken once; an abort overtakes it; a finished run refuses', () => {
    const run = given(Run, submitted());
    const stopping = given(Run, submitted(), {
      type: 'RunStopRequested',
      mode: 'graceful',
      by: 'user:alice',
    });
    const over = after(run, advance(run, job('done')));
    expect(decided(run, 'graceful')).toEqual(['RunStopRequested']);
    expect(decided(stopping, 'graceful')).toEqual([]);
    expect(decided(stopping, 'abort')).toEqual(['RunStopRequested']);
    expect(decided(over, 'graceful')).toBe('already-finished');
  });
});
