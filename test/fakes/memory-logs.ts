import type { LogChunk, Logs } from '../../domain/job/logs.ts';
import { tailOf, unread } from '../../infra/logs/unread.ts';
import { lostReply } from './world.ts';

export interface MemoryLogs extends Logs {
  /** `lost`: the next writes are recorded, and their replies lost. */
  readonly faults: { lostReplies: number };
}

/** Logs in memory, behaving as the real ones do: both pass test/infra/logs' contract. */
export function memoryLogs(): MemoryLogs {
  const streams = new Map<string, LogChunk[]>();
  const faults = { lostReplies: 0 };
  return {
    faults,
    async write(submission, chunk) {
      if (chunk.data.length > 0) {
        const copy = { ...chunk, data: Uint8Array.from(chunk.data) };
        streams.set(submission, [...(streams.get(submission) ?? []), copy]);
      }
      if (faults.lostReplies === 0) return;
      faults.lostReplies--;
      throw lostReply('PutLogEvents');
    },
    async read(submission, from) {
      const stored = streams.get(submission) ?? [];
      const position = Number(from.token ?? 0);
      // A token of somebody else's reads from the head; the offset tells what has been read.
      const start =
        Number.isSafeInteger(position) && position >= 0 && position <= stored.length ? position : 0;
      const { chunks, offset } = unread(stored.slice(start), from.offset);
      return { chunks, next: { offset, token: String(stored.length) } };
    },
    tail: async (submission, bytes) => tailOf(streams.get(submission) ?? [], bytes),
  };
}
