import type { LogChunk } from '../../domain/job/logs.ts';

/**
 * The chunks, in the order in which they were written, without what comes before `offset`, each byte once: a chunk whose
 * acknowledgement was lost is written again, maybe cut elsewhere. Of a byte that two chunks have the first counts, so that no
 * later one changes what was read. A gap stays a gap, seen by the next chunk's offset.
 */
export function unread(chunks: readonly LogChunk[], offset: number): { chunks: LogChunk[]; offset: number } {
  const fresh: LogChunk[] = [];
  let read = offset;
  for (const chunk of chunks) {
    const end = chunk.offset + chunk.data.length;
    const parts = [{ start: Math.max(offset, chunk.offset), end }].flatMap((part) =>
      chunk.offset < read ? without(part, fresh) : part,
    );
    for (const part of parts)
      if (part.end > part.start)
        fresh.push({
          ...chunk,
          offset: part.start,
          data: chunk.data.subarray(part.start - chunk.offset, part.end - chunk.offset),
        });
    read = Math.max(read, end);
  }
  return { chunks: fresh.sort((a, b) => a.offset - b.offset), offset: read };
}

interface Part {
  readonly start: number;
  readonly end: number;
}

/** What is left of a part that others have some of. */
function without(part: Part, taken: readonly LogChunk[]): Part[] {
  let left = [part];
  for (const { offset, data } of taken) {
    const end = offset + data.length;
    left = left.flatMap((one) =>
      end <= one.start || offset >= one.end
        ? [one]
        : [
            { start: one.start, end: offset },
            { start: end, end: one.end },
          ].filter(({ start, end: last }) => last > start),
    );
  }
  return left;
}

/** The last so many bytes of the chunks. */
export function tailOf(chunks: readonly LogChunk[], bytes: number): Uint8Array {
  return Buffer.concat(unread(chunks, 0).chunks.map(({ data }) => data)).subarray(-bytes);
}
