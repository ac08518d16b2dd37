import { describe, expect, test } from 'vitest';
import type { Exit } from '../../../infra/runner/contract.ts';
import { LARGEST_CHUNK, nextReport, type Standing } from '../../../infra/runner/supervisor/next-report.ts';

const HEARTBEAT_MS = 30_000;
const EXIT: Exit = { at: '', cause: 'commands', status: 0, signal: null, log_bytes: 10, message: null };

const next = (changes: Partial<Standing>) =>
  nextReport(
    {
      now: 100_000,
      started: 'said',
      startedAt: 0,
      news: [],
      repeatsItself: false,
      lastNewsAt: 0,
      question: null,
      logBytes: 0,
      acknowledgedBytes: 0,
      exit: null,
      lastHeartbeatAt: 99_999,
      lastLogAt: 0,
      ...changes,
    },
    HEARTBEAT_MS,
  );

describe('the next report', () => {
  test('is the start, before anything else', () => {
    expect(next({ started: 'unsaid', logBytes: 10 })).toEqual({ send: 'started' });
    expect(next({ started: 'unsaid', logBytes: LARGEST_CHUNK + 1, exit: EXIT })).toEqual({ send: 'started' });
  });

  test('is all at once, of commands that end at once', () => {
    expect(next({ started: 'unsaid', startedAt: 99_990 })).toEqual({ wait: 15 });
    expect(next({ started: 'unsaid', startedAt: 99_990, logBytes: 10, exit: EXIT })).toEqual({
      send: 'whole',
    });
    expect(next({ started: 'unsaid', startedAt: 99_975 })).toEqual({ send: 'started' });
  });

  test('is the log at once after silence, and a chatty log within a second', () => {
    expect(next({ logBytes: 1 })).toEqual({ send: 'log' });
    let now = 100_000;
    while ('wait' in next({ now, logBytes: 1, lastLogAt: 100_000, lastHeartbeatAt: now })) now += 1;
    expect(now - 100_000).toBeGreaterThan(500);
    expect(now - 100_000).toBeLessThan(800);
  });

  test('is a backlog without a pause', () => {
    expect(next({ logBytes: LARGEST_CHUNK, lastLogAt: 100_000 })).toEqual({ send: 'log' });
  });

  test('is the exit, once the whole log is acknowledged', () => {
    const ended = { exit: EXIT, logBytes: 10, lastLogAt: 100_000 };
    expect(next({ ...ended, acknowledgedBytes: 9 })).toEqual({ send: 'log' });
    expect(next({ ...ended, acknowledgedBytes: 10 })).toEqual({ send: 'exit' });
    expect(next({ ...ended, started: 'not-yet', logBytes: 0 })).toEqual({ send: 'exit' });
  });

  test('is a heartbeat every so often, however much there is to say, and no look at the log is far away', () => {
    expect(next({ lastHeartbeatAt: 70_000, logBytes: LARGEST_CHUNK })).toEqual({ send: 'heartbeat' });
    expect(next({ lastHeartbeatAt: 70_000 })).toEqual({ send: 'heartbeat' });
    expect(next({ lastHeartbeatAt: 99_999 })).toEqual({ wait: 200 });
    expect(next({ lastHeartbeatAt: 70_050 })).toEqual({ wait: 50 });
  });

  test('is a stage as soon as it begins, and its numbers every 5 s', () => {
    const pulling = { started: 'not-yet' as const, news: ['stage' as const], lastNewsAt: 96_000 };
    expect(next(pulling)).toEqual({ send: 'stage' });
    expect(next({ ...pulling, repeatsItself: true })).toEqual({ wait: 200 });
    expect(next({ ...pulling, repeatsItself: true, lastNewsAt: 95_000 })).toEqual({ send: 'stage' });
  });

  test('is all that came before, before the start or the exit', () => {
    const stuck = { news: ['stage' as const], repeatsItself: true, lastNewsAt: 99_999 };
    expect(next({ ...stuck, started: 'unsaid' })).toEqual({ send: 'stage' });
    expect(next({ ...stuck, started: 'not-yet', exit: EXIT })).toEqual({ send: 'stage' });
    expect(next({ ...stuck, started: 'not-yet', news: ['stage', 'container'] })).toEqual({ send: 'stage' });
    expect(next({ started: 'unsaid', news: ['container'] })).toEqual({ send: 'container' });
  });

  test("is a gang's question at once, and again after its pause, with heartbeats between", () => {
    const asking = { name: 'arrived' as const, askedAt: Number.NEGATIVE_INFINITY, pause: 200 };
    const waiting = { started: 'not-yet' as const };
    expect(next({ ...waiting, question: asking })).toEqual({ send: 'arrived' });
    expect(next({ ...waiting, question: { ...asking, askedAt: 99_950 } })).toEqual({ wait: 150 });
    expect(next({ ...waiting, question: { ...asking, askedAt: 99_800 } })).toEqual({ send: 'arrived' });
    const silent = { ...waiting, question: asking, lastHeartbeatAt: 70_000 };
    expect(next(silent)).toEqual({ send: 'heartbeat' });
  });
});
