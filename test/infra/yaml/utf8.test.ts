import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readUtf8 } from '../../../infra/yaml/utf8.ts';

const latin1 = (text: string) => Buffer.from(text, 'latin1');

describe('bytes that are not UTF-8', () => {
  it.each([
    [
      'Latin-1',
      latin1('a\nb: caf\u00e9 au lait'),
      { offset: 8, line: 2, column: 7 },
      'byte 0xE9 at offset 8',
    ],
    [
      'a character cut off at the end',
      Buffer.from('grün').subarray(0, 3),
      { offset: 2, line: 1, column: 3 },
      '0xC3',
    ],
    [
      'after a U+FFFD that is written out',
      Buffer.concat([Buffer.from('\ufffd ü '), latin1('\u00fc')]),
      { offset: 7, line: 1, column: 5 },
      '0xFC at offset 7',
    ],
    ['UTF-16 with a mark', Buffer.from('\ufefftype: task', 'utf16le'), { offset: 0 }, 'UTF-16LE, not UTF-8'],
    ['UTF-16 without one', Buffer.from('type: task', 'utf16le'), { offset: 0 }, 'UTF-16LE, not UTF-8'],
    ['UTF-16 the other way round', Buffer.from('type', 'utf16le').swap16(), { offset: 0 }, 'UTF-16BE'],
  ])('in %s are refused with their place', (_, bytes, place, message) => {
    expect(readUtf8(bytes)).toMatchObject({
      ok: false,
      error: { ...place, message: expect.stringContaining(message), hint: expect.stringContaining('iconv') },
    });
  });

  it('are found wherever they are, and nothing else is refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const read = readUtf8(bytes);
        if (read.ok) expect(Buffer.from(read.value)).toEqual(Buffer.from(bytes));
        else if (!read.error.message.includes('UTF-16')) {
          // All before the place is text, and the next byte makes it none.
          expect(readUtf8(bytes.slice(0, read.error.offset)).ok).toBe(true);
          expect(bytes.length).toBeGreaterThan(read.error.offset);
        }
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const bytes = Buffer.from(text);
        if (bytes[0] !== 0 && bytes[1] !== 0)
          expect(readUtf8(bytes)).toEqual({ ok: true, value: bytes.toString() });
      }),
    );
  });
});
