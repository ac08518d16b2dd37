import type { LogChunk } from '../../domain/job/logs.ts';

/**
 * The chunks without what comes before `offset`, each byte once: a chunk whose acknowledgement was lost is written again,
 * maybe cut elsewhere. A gap stays a gap, seen by the next chunk's offset.
 */
export function unread(chunks: readonly LogChunk[], offset: number): { chunks: LogChunk[]; offset: number } {
  const fresh: LogChunk[] = [];
  let read = offset;
  for (const chunk of chunks.toSorted((a, b) => a.offset - b.offset)) {
    const end = chunk.offset + chunk.data.length;
    if (end <= read) continue;
    const known = Math.max(0, read - chunk.offset);
    fresh.push({ ...chunk, offset: chunk.offset + known, data: chunk.data.subarray(known) });
    read = end;
  }
  return { chunks: fresh, offset: read };
}
