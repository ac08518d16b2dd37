import type { Exit } from '../contract.ts';

export type Standing = {
  now: number;
  /** `never`: there was no start to report, since setup failed. */
  started: 'unsaid' | 'said' | 'never';
  logBytes: number;
  acknowledgedBytes: number;
  exit: Exit | null;
  lastHeartbeatAt: number;
  lastLogAt: number;
};
export type Next = { send: 'started' | 'log' | 'exit' | 'heartbeat' } | { wait: number };

/** 256 KB in base64. */
export const LARGEST_CHUNK = 192 * 1024;
/** Each report is an invocation: a chatty job reports this often, and still within a second. */
const LOG_PACE_MS = 600;
const LOOK_EVERY_MS = 200;

/** What the server should hear now: the start, then the log, then, once it has all of the log, the exit. */
export function nextReport(standing: Standing, heartbeatMs: number): Next {
  const { now, started, logBytes, acknowledgedBytes, exit } = standing;
  if (started === 'unsaid') return { send: 'started' };
  // Whatever else is said: heartbeats are what the server counts on, and what it writes down.
  const silent = now - standing.lastHeartbeatAt;
  if (exit === null && silent >= heartbeatMs) return { send: 'heartbeat' };
  const unsent = logBytes - acknowledgedBytes;
  const logDue = exit !== null || unsent >= LARGEST_CHUNK || now >= standing.lastLogAt + LOG_PACE_MS;
  if (unsent > 0 && logDue) return { send: 'log' };
  if (exit !== null) return { send: 'exit' };
  return { wait: Math.min(LOOK_EVERY_MS, heartbeatMs - silent) };
}
