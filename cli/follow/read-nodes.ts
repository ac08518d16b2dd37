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
const RETURN = 0x0d;

/**
 * Holds a line back until it is whole: those of two nodes would else run into each other. Of a line that is written over and
 * over (a progress bar, with `\r`) each new state that has come is a line, since several nodes cannot share the last one.
 */
export function marking(mark: string, write: Reading['onChunk']) {
  let held: Buffer = Buffer.alloc(0);
  /** The state of the line that is held which was written last. */
  let shown: Buffer | null = null;
  let last: LogChunk | undefined;
  const marked = (line: Buffer) => Buffer.concat([Buffer.from(mark), line, Buffer.of(NEWLINE)]);
  return {
    async onChunk(chunk: LogChunk, bytes: Uint8Array): Promise<void> {
      last = chunk;
      const lines = linesOf(Buffer.concat([held, bytes]));
      held = lines.pop() ?? Buffer.alloc(0);
      const written = lines.map(stateOf).filter((state, n) => n > 0 || !shown?.equals(state));
      if (lines.length > 0) shown = null;
      if (held.includes(RETURN)) {
        const state = stateOf(held);
        if (state.length > 0 && !shown?.equals(state)) written.push(state);
        shown = state.length > 0 ? state : shown;
        held = held.at(-1) === RETURN ? Buffer.concat([state, Buffer.of(RETURN)]) : state;
      }
      if (written.length > 0) await write(chunk, Buffer.concat(written.map(marked)));
    },
    async end(): Promise<void> {
      const state = stateOf(held);
      if (last && state.length > 0 && !shown?.equals(state)) await write(last, marked(state));
    },
  };
}

/** The lines without their ends, and the beginning of the one that is not whole. */
function linesOf(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  let start = 0;
  for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
    lines.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return [...lines, bytes.subarray(start)];
}

/** A line as a terminal shows it in the end: from its last return on, but for returns that nothing follows. */
function stateOf(line: Buffer): Buffer {
  let end = line.length;
  while (end > 0 && line[end - 1] === RETURN) end--;
  const whole = line.subarray(0, end);
  return whole.subarray(whole.lastIndexOf(RETURN) + 1);
}
