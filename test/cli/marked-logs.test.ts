import { describe, expect, test } from 'vitest';
import { marking, markOf } from '../../cli/follow/read-nodes.ts';

const chunk = (job: number) => ({ job, submission: 0, offset: 0, at: '2026-11-20T12:00:00Z' });

test('a mark is as wide for each node', () => {
  expect([markOf(0, 3), markOf(3, 12), markOf(11, 12)]).toEqual(['node 0 | ', 'node  3 | ', 'node 11 | ']);
});

test('lines are written whole, each with its node’s mark, however the output comes in pieces', async () => {
  const written: string[] = [];
  const write = async (_: unknown, bytes: Uint8Array) => void written.push(Buffer.from(bytes).toString());
  const [first, second] = [marking('node 0 | ', write), marking('node 1 | ', write)];
  await first.onChunk(chunk(0), Buffer.from('one\ntw'));
  await second.onChunk(chunk(1), Buffer.from('other\n'));
  await first.onChunk(chunk(0), Buffer.from('o\n\nthe end'));
  await first.end();
  await second.end();
  expect(written).toEqual([
    'node 0 | one\n',
    'node 1 | other\n',
    'node 0 | two\nnode 0 | \n',
    'node 0 | the end\n',
  ]);
});

describe('a line that is written over and over', () => {
  async function written(...pieces: string[]): Promise<string[]> {
    const lines: string[] = [];
    const marked = marking('node 0 | ', async (_, bytes) => void lines.push(Buffer.from(bytes).toString()));
    for (const piece of pieces) await marked.onChunk(chunk(0), Buffer.from(piece));
    await marked.end();
    return lines;
  }

  test('shows each state that has come, as soon as it has', async () => {
    expect(await written('start\n\r 10%', '\r 20%\r 30%', '\r 30%', '\r100%\nend\n')).toEqual([
      'node 0 | start\nnode 0 |  10%\n',
      'node 0 |  30%\n',
      'node 0 | 100%\nnode 0 | end\n',
    ]);
  });

  test('shows it whether the return comes before or after a state, and no state twice', async () => {
    expect(await written('10%\r', '20%\r', '\r', '\n', 'end')).toEqual([
      'node 0 | 10%\n',
      'node 0 | 20%\n',
      'node 0 | end\n',
    ]);
    expect(await written('\r50', '\r100')).toEqual(['node 0 | 50\n', 'node 0 | 100\n']);
  });

  test('keeps the empty lines, and the lines that end as on Windows', async () => {
    expect(await written('one\r\n\r\ntwo\r\n')).toEqual(['node 0 | one\nnode 0 | \nnode 0 | two\n']);
  });

  test('is no more than its mark and its last state, however much is written', async () => {
    const bar = Array.from({ length: 10_000 }, (_, n) => `\r${n}`).join('');
    expect(await written(bar)).toEqual(['node 0 | 9999\n']);
  });
});
