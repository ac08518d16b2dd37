import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LogPosition, Logs } from '../../../domain/job/logs.ts';
import { runId, SubmissionId } from '../../../domain/kernel/ids.ts';
import { ulid } from '../dynamodb/given-streams.ts';

export interface LogsUnderTest {
  readonly logs: Logs;
  stop(): Promise<void>;
}

export const submission = SubmissionId.parse(`${runId(ulid(1))}-0-0`);
const head: LogPosition = { offset: 0, token: null };
const at = 1_794_950_400_000;

/** Reads until nothing new comes: the bytes with their offsets, and where to go on. */
export async function readAll(logs: Logs, from: LogPosition = head, of: SubmissionId = submission) {
  const chunks: { offset: number; data: Buffer }[] = [];
  let next = from;
  for (;;) {
    const page = await logs.read(of, next);
    ({ next } = page);
    if (page.chunks.length === 0)
      return { chunks, next, bytes: Buffer.concat(chunks.map(({ data }) => data)) };
    for (const { offset, data } of page.chunks) chunks.push({ offset, data: Buffer.from(data) });
  }
}

/** What all logs do; `create` gives empty ones. */
export function logsContract(create: () => Promise<LogsUnderTest>): void {
  let given: LogsUnderTest;
  let logs: Logs;
  beforeEach(async () => {
    given = await create();
    ({ logs } = given);
  });
  afterEach(() => given.stop());

  const write = (offset: number, data: string | Uint8Array) =>
    logs.write(submission, { offset, at, data: Buffer.from(data) });

  it('a submission that wrote nothing has no output, and reading goes on from there', async () => {
    const nothing = await logs.read(submission, head);
    expect(nothing.chunks).toEqual([]);
    expect(nothing.next.offset).toBe(0);
    await write(0, 'late');
    expect((await readAll(logs, nothing.next)).bytes.toString()).toBe('late');
  });

  it('output comes in order, and reading goes on where it ended', async () => {
    await write(0, 'one\n');
    await write(4, 'two\n');
    const { bytes, next } = await readAll(logs);
    expect(bytes.toString()).toBe('one\ntwo\n');
    expect(next.offset).toBe(8);
    expect((await readAll(logs, next)).chunks).toEqual([]);
    await write(8, 'three\n');
    const rest = await readAll(logs, next);
    expect(rest.chunks).toEqual([{ offset: 8, data: Buffer.from('three\n') }]);
  });

  it('a chunk keeps the time at which it was written', async () => {
    await write(0, 'x');
    expect((await logs.read(submission, head)).chunks[0]?.at).toBe(at);
  });

  it('bytes that were written before are read once, however they were cut', async () => {
    await write(0, 'abc');
    await write(0, 'abc');
    const { next } = await readAll(logs);
    await write(0, 'abcdef');
    await write(3, 'def');
    await write(2, 'cd');
    expect((await readAll(logs)).bytes.toString()).toBe('abcdef');
    expect((await readAll(logs, next)).bytes.toString()).toBe('def');
  });

  it('bytes that were written before stay as they are, whatever is written over them', async () => {
    await write(0, 'abc');
    await write(3, 'def');
    const { next } = await readAll(logs);
    await write(1, 'WRONG');
    await write(2, 'WRONG, and more');
    await write(0, 'WRONG');
    expect((await readAll(logs)).bytes.toString()).toBe('abcdef, and more'.replace(', ', 'G, '));
    expect((await readAll(logs, next)).bytes.toString()).toBe('G, and more');
  });

  it('a gap is seen, not filled', async () => {
    await write(0, 'abc');
    await write(10, 'xyz');
    const { chunks, next } = await readAll(logs);
    expect(chunks.map(({ offset, data }) => [offset, data.toString()])).toEqual([
      [0, 'abc'],
      [10, 'xyz'],
    ]);
    expect(next.offset).toBe(13);
  });

  it('an offset alone, or with a token that nobody knows any more, is enough to go on', async () => {
    await write(0, 'abc');
    await write(3, 'def');
    for (const token of [null, 'f/forged', 'x'])
      expect((await readAll(logs, { offset: 2, token })).bytes.toString(), String(token)).toBe('cdef');
  });

  it('the end of the output comes without the rest, each byte once', async () => {
    expect(Buffer.from(await logs.tail(submission, 10))).toEqual(Buffer.alloc(0));
    for (let line = 100; line < 600; line++) await write((line - 100) * 4, `${line}\n`);
    await write(499 * 4, '599\n');
    expect(Buffer.from(await logs.tail(submission, 10)).toString()).toBe('7\n598\n599\n'.slice(-10));
    expect((await logs.tail(submission, 8)).length).toBe(8);
  });

  it('an empty chunk is nothing', async () => {
    await write(0, '');
    expect((await readAll(logs)).chunks).toEqual([]);
  });

  it('each submission has its own output', async () => {
    await write(0, 'mine');
    const other = SubmissionId.parse(`${runId(ulid(1))}-0-1`);
    expect((await readAll(logs, head, other)).chunks).toEqual([]);
  });

  describe('any bytes come back as they were', () => {
    const otter = Buffer.from('🦦'.repeat(100_000));
    const samples: Record<string, Uint8Array> = {
      'every byte': Uint8Array.from({ length: 256 }, (_, byte) => byte),
      'control characters': new Uint8Array(300_000).fill(1),
      'a character that the chunk cuts in two': otter.subarray(0, 5),
      'many characters of four bytes': otter,
      'continuation bytes alone': new Uint8Array(200_000).fill(0x80),
      'a byte order mark': Buffer.from('\uFEFFx'),
      'CR, NUL and quotes': Buffer.from('\r\n\0"\\\u2028'),
      'a line of 3 MB': Buffer.from('x'.repeat(3_000_000)),
    };
    it.each(Object.keys(samples))('%s', async (name) => {
      const data = samples[name] ?? new Uint8Array();
      await write(0, data);
      const { bytes, next } = await readAll(logs);
      expect(bytes.equals(data)).toBe(true);
      expect(next.offset).toBe(data.length);
    });
  });
}
