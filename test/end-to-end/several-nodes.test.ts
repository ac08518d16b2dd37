import { expect, test } from 'vitest';
import { embeddedForFile } from './fixtures/embedded.ts';
import { typed } from './fixtures/typed.ts';

const on = embeddedForFile();
const sortie = (...args: string[]) => typed(on.sortie, ...args);

test('three nodes exchange data over the addresses in their variables', async () => {
  const applied = await sortie('apply', '-f', 'examples/allreduce.yaml', '-y');
  expect(applied).toMatchObject({ code: 0 });
  const { stdout } = await sortie('logs', 'allreduce');
  expect(stdout.split('\n').filter(Boolean).sort()).toEqual([
    'node 0 | 1 here, 111 in all',
    'node 1 | 10 here, 111 in all',
    'node 2 | 100 here, 111 in all',
  ]);
  const { stdout: table } = await sortie('ps', '-a');
  expect(table).toMatch(
    /^allreduce +done .*\n└ node 0 +done \(0\).*\n└ node 1 +done \(0\).*\n└ node 2 +done \(0\)/m,
  );
});
