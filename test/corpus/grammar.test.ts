import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { corpusText } from './data.ts';

type Case = { input: unknown; reads?: unknown; refused?: true };

test('the golden vectors of the grammar are what dstack 0.21 was measured to read and to refuse', () => {
  const golden: Record<string, Case[]> = JSON.parse(
    readFileSync(new URL('../golden/grammar.json', import.meta.url), 'utf8'),
  );
  const measured: Record<string, [input: unknown, output: unknown][]> = JSON.parse(
    corpusText('dstack-grammar.json'),
  );
  expect(golden).toEqual(
    Object.fromEntries(
      Object.entries(measured).map(([part, cases]) => [part.replace(/\(.*\)/, ''), cases.map(vector)]),
    ),
  );
});

const vector = ([input, output]: [unknown, unknown]): Case =>
  typeof output === 'object' && output !== null && 'ERROR' in output
    ? { input, refused: true }
    : { input, reads: output };
