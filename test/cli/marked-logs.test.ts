import { expect, test } from 'vitest';
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
