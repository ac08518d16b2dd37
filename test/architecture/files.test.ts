import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { median, sourceFiles } from './source-files.ts';

const project = fileURLToPath(new URL('../../', import.meta.url));
const shipped = sourceFiles(project, ['domain', 'functions', 'infra', 'cli']);
const everything = [...shipped, ...sourceFiles(project, ['test', 'bench'])];

test('a file tells its story in a few screens: the median is under 80 lines', () => {
  expect(shipped.length).toBeGreaterThan(0);
  expect(median(shipped.map(({ lines }) => lines))).toBeLessThan(80);
});

test('no file is over 400 lines', () => {
  expect(everything.filter(({ lines }) => lines > 400).map(({ path, lines }) => `${path}: ${lines}`)).toEqual(
    [],
  );
});

test('no file switches the linter, the compiler or the formatter off', () => {
  // Written apart, so that this file does not find itself.
  const off = new RegExp(['oxlint-dis', 'able|eslint-dis', 'able|biome-ig', 'nore|@ts-no', 'check'].join(''));
  expect(everything.filter(({ text }) => off.test(text)).map(({ path }) => path)).toEqual([]);
});

test('files are named for what they hold', () => {
  const vague = /(^|\/)(utils?|helpers?|managers?|common|misc)(\.|\/)/i;
  expect(everything.filter(({ path }) => vague.test(path)).map(({ path }) => path)).toEqual([]);
});
