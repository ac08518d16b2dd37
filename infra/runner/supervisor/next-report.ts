import type { Exit } from '../contract.ts';

export type Standing = {
  now: number;
  /** `not-yet`: what comes before the commands is still being done, or failed. */
  started: 'not-yet' | 'unsaid' | 'said';
  /** When the commands began, by the clock of `now`; of no meaning before. */
  startedAt: number;
  /** What was not said yet of the time before the commands, in order. */
  news: ('health' | 'stage' | 'container')[];
  /** The first of the news says what the last one said, with other numbers. */
  repeatsItself: boolean;
  lastNewsAt: number;
  /** What a gang's node waits to be answered; it asks again after `pause`. */
  question: { name: 'arrived' | 'prepared'; askedAt: number; pause: number } | null;
  logBytes: number;
  acknowledgedBytes: number;
  exit: Exit | null;
  lastHeartbeatAt: number;
  lastLogAt: number;
};
export type Part =
  | Standing['news'][number]
  | 'arrived'
  | 'prepared'
  | 'started'
  /** The start, all of the log and the exit at once. */
  | 'whole'
  | 'log'
  | 'exit'
  | 'heartbeat';
export type Next = { send: Part } | { wait: number };

/** 256 KB in base64. */
export const LARGEST_CHUNK = 192 * 1024;
/** Each report is an invocation: a chatty job reports this often, and still within a second. */
const LOG_PACE_MS = 600;
const LOOK_EVERY_MS = 200;
/** Commands that end within it are told of in one report. */
const SHORTEST_RUN_MS = 25;
/** How often numbers are told that only grow. */
const PROGRESS_PACE_MS = 5_000;

/** What the server should hear now: what was done, the start, then the log, then, once it has all of it, the exit. */
export function nextReport(standing: Standing, heartbeatMs: number): Next {
  const { now, started, news, question, logBytes, acknowledgedBytes, exit } = standing;
  const newsAt = standing.repeatsItself ? standing.lastNewsAt + PROGRESS_PACE_MS : now;
  const passedBy = started === 'unsaid' || exit !== null || news.length > 1;
  if (news[0] !== undefined && (now >= newsAt || passedBy)) return { send: news[0] };
  const unsent = logBytes - acknowledgedBytes;
  if (started === 'unsaid') {
    if (exit !== null && unsent <= LARGEST_CHUNK) return { send: 'whole' };
    const isShort = standing.startedAt + SHORTEST_RUN_MS - now;
    return exit === null && isShort > 0 ? { wait: isShort } : { send: 'started' };
  }
  // Whatever else is said: heartbeats are what the server counts on, and what it writes down.
  const silent = now - standing.lastHeartbeatAt;
  if (exit === null && silent >= heartbeatMs) return { send: 'heartbeat' };
  const askAt = question === null ? Number.POSITIVE_INFINITY : question.askedAt + question.pause;
  if (question !== null && exit === null && now >= askAt) return { send: question.name };
  const logDue = exit !== null || unsent >= LARGEST_CHUNK || now >= standing.lastLogAt + LOG_PACE_MS;
  if (unsent > 0 && logDue) return { send: 'log' };
  if (exit !== null) return { send: 'exit' };
  return { wait: Math.min(LOOK_EVERY_MS, heartbeatMs - silent, askAt - now) };
}
