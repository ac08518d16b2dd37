import { isUtf8 } from 'node:buffer';
import { fail, ok, type Result } from '../../domain/kernel/result.ts';

/** The first bytes of a text that are not UTF-8. `offset`: bytes before them. `line` and `column` count from 1. */
export interface NotUtf8 {
  readonly message: string;
  readonly hint: string;
  readonly offset: number;
  readonly line: number;
  readonly column: number;
}

/**
 * A text from its bytes, which have to be UTF-8. Decoders put U+FFFD in the place of other bytes and say nothing, and a
 * password in Latin-1 would then be another password.
 */
export function readUtf8(bytes: Uint8Array): Result<string, NotUtf8> {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  const utf16 = utf16Of(bytes);
  if (utf16 !== null) return fail({ ...utf16, offset: 0, line: 1, column: 1 });
  if (isUtf8(bytes)) return ok(text);
  const wrong = firstWrong(bytes, text);
  const byte = `0x${(bytes[wrong.offset] ?? 0).toString(16).toUpperCase().padStart(2, '0')}`;
  return fail({
    message: `the text is not UTF-8: byte ${byte} at offset ${wrong.offset}`,
    hint: 'save it as UTF-8; from Latin-1: iconv -f latin1 -t utf-8 OLD > NEW',
    ...wrong,
  });
}

function utf16Of(bytes: Uint8Array): { message: string; hint: string } | null {
  const [first, second] = bytes;
  const name =
    first === 0xff && second === 0xfe
      ? 'UTF-16LE'
      : first === 0xfe && second === 0xff
        ? 'UTF-16BE'
        : // Text without a mark begins with an ASCII character, half of whose 16 bits are zero.
          bytes.length >= 2 && second === 0 && first !== 0
          ? 'UTF-16LE'
          : bytes.length >= 2 && first === 0 && second !== 0
            ? 'UTF-16BE'
            : null;
  if (name === null) return null;
  return {
    message: `the text is ${name}, not UTF-8`,
    hint: `convert it: iconv -f ${name.slice(0, 6)} -t UTF-8 OLD > NEW`,
  };
}

/** Where the decoder put a U+FFFD that is not in the bytes. */
function firstWrong(bytes: Uint8Array, text: string): { offset: number; line: number; column: number } {
  let [index, offset] = [0, 0];
  for (;;) {
    const next = text.indexOf('\ufffd', index);
    if (next < 0) throw new Error('bytes that are not UTF-8 decoded without a replacement character');
    offset += Buffer.byteLength(text.slice(index, next));
    const written = bytes[offset] === 0xef && bytes[offset + 1] === 0xbf && bytes[offset + 2] === 0xbd;
    if (!written) {
      const lines = text.slice(0, next).split('\n');
      return { offset, line: lines.length, column: Array.from(lines.at(-1) ?? '').length + 1 };
    }
    [index, offset] = [next + 1, offset + 3];
  }
}
