import { setTimeout as pause } from 'node:timers/promises';
import type { RunDetail } from '../../domain/api/run.ts';
import type { Client } from '../client/client.ts';
import type { Narrator } from './narrate.ts';

export interface Watched {
  readonly narrator: Narrator;
  readonly signal: AbortSignal;
  /** Settles when there is reason to look at once: its output has ended. */
  readonly nudge?: Promise<unknown>;
  /** Hears of every look. */
  readonly onLook?: (run: RunDetail) => void;
}

const SOON = 100;
const LATE = 5_000;

/**
 * Asks after a run until it has ended. Each state is asked for again after a fifth of the time it has lasted: a change
 * is seen promptly, and a long wait costs few requests.
 */
export async function untilEnd(
  client: Client,
  id: string,
  { narrator, signal, nudge, onLook }: Watched,
): Promise<RunDetail> {
  let status = '';
  let since = Date.now();
  let nudged: Promise<unknown> | undefined = nudge;
  const how = { patience: 'follow', signal, onRetry: narrator.lost } as const;
  for (;;) {
    const run = await client.run(id, how);
    narrator.heard(run);
    onLook?.(run);
    if (run.finished_at !== null) return run;
    if (run.status !== status) since = Date.now();
    status = run.status;
    const long = Math.min(LATE, Math.max(SOON, (Date.now() - since) / 5));
    const waiting = pause(long, 'time', { signal });
    const why = await (nudged ? Promise.race([waiting, nudged.then(() => 'nudge')]) : waiting);
    if (why === 'nudge') nudged = undefined;
  }
}
