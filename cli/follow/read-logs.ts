import { setTimeout as pause } from 'node:timers/promises';
import type { LogList } from '../../domain/api/run.ts';
import type { Client } from '../client/client.ts';

export type LogChunk = LogList['logs'][number];

export interface Reading {
  readonly job: number;
  /** `what there is`: to the end of what is written by now. `to the end`: until the job has ended. */
  readonly until: 'what there is' | 'to the end';
  readonly signal: AbortSignal;
  readonly onChunk: (chunk: LogChunk, bytes: Uint8Array) => Promise<void>;
  readonly onRetry?: (reason: string) => void;
}

// The server answers after 20 s at the latest.
const LONG_POLL = 20;
/** An answer that has nothing, and came at once: this deployment does not wait. Milliseconds until it is asked again. */
const AT_ONCE = 1_000;
const SOON = 1_000;
const LATE = 5_000;

/** A job's output, from its first byte. */
export async function readLogs(
  client: Client,
  run: string,
  { job, until, signal, onChunk, onRetry }: Reading,
): Promise<void> {
  let after: string | undefined;
  const following = until === 'to the end';
  const how = { signal, patience: following ? 'follow' : 'command', ...(onRetry && { onRetry }) } as const;
  let quiet = SOON;
  for (;;) {
    const asked = Date.now();
    const query = { job, wait: following ? LONG_POLL : 0, ...(after !== undefined && { after }) };
    const page = await client.logs(run, query, how);
    for (const chunk of page.logs) await onChunk(chunk, bytesOf(chunk));
    if (page.done || (!following && page.logs.length === 0)) return;
    after = page.next;
    if (page.logs.length > 0) quiet = SOON;
    else if (Date.now() - asked < AT_ONCE) {
      await pause(quiet, undefined, { signal });
      quiet = Math.min(LATE, quiet * 1.5);
    }
  }
}

const bytesOf = ({ text, base64 }: LogChunk): Uint8Array =>
  text !== undefined ? Buffer.from(text, 'utf8') : Buffer.from(base64 ?? '', 'base64');
