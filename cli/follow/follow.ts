import { setTimeout as pause } from 'node:timers/promises';
import type { RunDetail } from '../../domain/api/run.ts';
import type { Client } from '../client/client.ts';
import { liveLine } from '../terminal/live-line.ts';
import type { Output } from '../terminal/output.ts';
import { narrator as narratorOn } from './narrate.ts';
import type { LogChunk } from './read-logs.ts';
import { readNodes } from './read-nodes.ts';
import { untilEnd } from './until-end.ts';

export interface Following {
  /** Where states and waits are told. */
  readonly states: Output;
  /** Where the jobs' output goes, byte for byte; `null`: nowhere. */
  readonly logs: Output | null;
  readonly signal: AbortSignal;
}

// CloudWatch Logs shows what was put within seconds; after this the rest can be read later.
const STRAGGLERS = 15_000;

/** Stays with a run to its end: what becomes of it, and all that it writes. Throws an AbortError when told to leave. */
export async function follow(
  client: Client,
  id: string,
  { states, logs, signal }: Following,
): Promise<RunDetail> {
  const live = liveLine(states);
  const narrator = narratorOn(states, live);
  if (logs === null) return untilEnd(client, id, { narrator, signal }).finally(() => live.end());

  const begun = Promise.withResolvers<number>();
  const stop = new AbortController();
  const output = (async () => {
    const nodes = await begun.promise;
    const onChunk = (_: LogChunk, bytes: Uint8Array) => live.around(() => writeTo(logs, bytes));
    await readNodes(client, id, nodes, {
      until: 'to the end',
      signal: AbortSignal.any([signal, stop.signal]),
      onChunk,
      onRetry: narrator.lost,
    });
  })();
  try {
    const run = await untilEnd(client, id, {
      narrator,
      signal,
      nudge: output,
      onLook: (run) => mayHaveOutput(run) && begun.resolve(run.jobs.length),
    });
    if ((await Promise.race([output, pause(STRAGGLERS, 'late', { ref: false, signal })])) === 'late')
      live.line(`not all of its output can be read yet; later: sortie logs ${run.name}`);
    return run;
  } finally {
    begun.resolve(1);
    stop.abort();
    // It ends because it was told to; what else it may say has been said by the other half.
    await output.catch(() => undefined);
    live.end();
  }
}

/**
 * A long poll before there can be any would only keep a function busy. One that ended so soon that nobody saw it run, and
 * waits to be tried again, has its output read before it runs the next time.
 */
const mayHaveOutput = ({ status, jobs }: RunDetail): boolean =>
  (status !== 'submitted' && status !== 'provisioning') ||
  jobs.some(({ submissions }) => submissions.some(({ started_at }) => started_at !== null));

async function writeTo(logs: Output, bytes: Uint8Array): Promise<'line start' | 'within a line'> {
  await logs.write(bytes);
  return logs.live && bytes.at(-1) !== 0x0a ? 'within a line' : 'line start';
}
