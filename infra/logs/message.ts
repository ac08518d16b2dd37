import * as z from 'zod';
import type { LogChunk } from '../../domain/job/logs.ts';

// An event takes 1 MB, 256 KB until 2025. Small pieces also keep pages of GetLogEvents, 1 MB each, well filled.
const PIECE_BYTES = 128 * 1024;
/** What the longest message may come to: a piece in base64 and its frame. */
const MESSAGE_BYTES = Math.ceil(PIECE_BYTES / 3) * 4 + 100;

const offset = z.int().nonnegative();
const Message = z.union([
  z.object({ offset, at: z.number(), text: z.string() }),
  z.object({ offset, at: z.number(), base64: z.base64() }),
]);

/** Chunk by chunk as JSON: readable text where the bytes are UTF-8, so that CloudWatch's own console shows the log. */
export function encodeChunk(chunk: LogChunk): string[] {
  const messages: string[] = [];
  for (let start = 0; start < chunk.data.length; ) {
    const end = pieceEnd(chunk.data, start);
    messages.push(encode(chunk.offset + start, chunk.at, chunk.data.subarray(start, end)));
    start = end;
  }
  return messages;
}

export function decodeMessage(message: string): LogChunk {
  const { offset, at, ...content } = Message.parse(JSON.parse(message));
  const data = 'text' in content ? Buffer.from(content.text, 'utf8') : Buffer.from(content.base64, 'base64');
  return { offset, at, data };
}

/** Before the character that the limit would cut in two; bytes that are no UTF-8 are cut anywhere. */
function pieceEnd(data: Uint8Array, start: number): number {
  const limit = start + PIECE_BYTES;
  if (limit >= data.length) return data.length;
  const continues = (index: number) => ((data[index] ?? 0) & 0xc0) === 0x80;
  const cut = [limit, limit - 1, limit - 2, limit - 3].find((index) => !continues(index));
  return cut ?? limit;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function encode(offset: number, at: number, data: Uint8Array): string {
  const text = textOf(data);
  const readable = text === undefined ? undefined : JSON.stringify({ offset, at, text });
  // A control character is six bytes in JSON: many of them would make the message longer than base64 does.
  if (readable !== undefined && Buffer.byteLength(readable) <= MESSAGE_BYTES) return readable;
  return JSON.stringify({ offset, at, base64: Buffer.from(data).toString('base64') });
}

function textOf(data: Uint8Array): string | undefined {
  try {
    return utf8.decode(data);
  } catch {
    return undefined;
  }
}
