import type { Client } from '../client/client.ts';
import { type LogChunk, type Reading, readLogs } from './read-logs.ts';

/** The output of all of a run's jobs. Of one it is what it wrote, byte for byte; of several whole lines, each with its node's mark. */
export async function readNodes(
  client: Client,
  run: string,
  nodes: number,
  reading: Omit<Reading, 'job'>,
): Promise<void> {
  if (nodes === 1) {
    await readLogs(client, run, { ...reading, job: 0 });
    return;
  }
  await Promise.all(
    Array.from({ length: nodes }, async (_, job) => {
      const marked = marking(markOf(job, nodes), reading.onChunk);
      await readLogs(client, run, { ...reading, job, onChunk: marked.onChunk });
      await marked.end();
    }),
  );
}

/** `node  3 | `, as wide for each. */
export const markOf = (node: number, nodes: number): string =>
  `node ${String(node).padStart(String(nodes - 1).length)} | `;

const NEWLINE = 0x0a;

/** Holds a line back until it is whole: those of two nodes would else run into each other. */
export function marking(mark: string, write: Reading['onChunk']) {
  let held = Buffer.alloc(0);
  let last: LogChunk | undefined;
  const prefix = Buffer.from(mark);
  return {
    async onChunk(chunk: LogChunk, bytes: Uint8Array): Promise<void> {
      last = chunk;
      const all = Buffer.concat([held, bytes]);
      const end = all.lastIndexOf(NEWLINE) + 1;
      held = all.subarray(end);
      if (end > 0) await write(chunk, prefixed(all.subarray(0, end), prefix));
    },
    async end(): Promise<void> {
      if (last && held.length > 0) await write(last, Buffer.concat([prefix, held, Buffer.of(NEWLINE)]));
    },
  };
}

function prefixed(lines: Buffer, prefix: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let start = 0; start < lines.length; ) {
    const end = lines.indexOf(NEWLINE, start) + 1;
    parts.push(prefix, lines.subarray(start, end));
    start = end;
  }
  return Buffer.concat(parts);
}
