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
    expect(next({ started: 'unsaid', logBytes: 10, exit: EXIT })).toEqual({ send: 'started' });
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
    expect(next({ ...ended, started: 'never', logBytes: 0 })).toEqual({ send: 'exit' });
  });

  test('is a heartbeat every so often, however much there is to say, and no look at the log is far away', () => {
    expect(next({ lastHeartbeatAt: 70_000, logBytes: LARGEST_CHUNK })).toEqual({ send: 'heartbeat' });
    expect(next({ lastHeartbeatAt: 70_000 })).toEqual({ send: 'heartbeat' });
    expect(next({ lastHeartbeatAt: 99_999 })).toEqual({ wait: 200 });
    expect(next({ lastHeartbeatAt: 70_050 })).toEqual({ wait: 50 });
  });
});
