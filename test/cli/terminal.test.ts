import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { confirm } from '../../cli/terminal/confirm.ts';
import { harmless } from '../../cli/terminal/output.ts';
import { type Column, table } from '../../cli/terminal/table.ts';
import { age, ago, dollars, elapsed, memory } from '../../cli/terminal/units.ts';

type Row = { name: string; zone: string; message: string };
const columns: Column<Row>[] = [
  { title: 'NAME', value: ({ name }) => name },
  { title: 'ZONE', value: ({ zone }) => zone, narrow: 'drop' },
  { title: 'MESSAGE', value: ({ message }) => message, narrow: 'cut' },
];
const rows: Row[] = [
  { name: 'a', zone: 'us-east-1a', message: 'short' },
  { name: 'longer-name', zone: 'us-east-1b', message: 'a message that goes on for quite a while' },
];

describe('a table', () => {
  test('is as wide as it takes where nobody looks', () => {
    expect(table(columns, rows, null)).toEqual([
      'NAME         ZONE        MESSAGE',
      'a            us-east-1a  short',
      'longer-name  us-east-1b  a message that goes on for quite a while',
    ]);
  });

  test('cuts, and then leaves out, what a narrow terminal has no room for', () => {
    expect(table(columns, rows, 40)[2]).toBe('longer-name  us-east-1b  a message that…');
    expect(table(columns, rows, 30)[2]).toBe('longer-name  a message…');
    for (const width of [30, 40, 50, 60, 70])
      expect(Math.max(...table(columns, rows, width).map((line) => line.length))).toBeLessThanOrEqual(width);
  });

  test('leaves out a column without a word in it', () => {
    expect(table(columns, [{ name: 'a', zone: '', message: 'b' }], null)).toEqual([
      'NAME  MESSAGE',
      'a     b',
    ]);
  });

  test('lets nothing in a cell act on the terminal', () => {
    const [, line] = table(
      columns,
      [{ name: 'a', zone: 'b', message: '\u001b[2Jgone\r\nfor good\u202e' }],
      null,
    );
    expect(line).toBe('a     b     [2Jgone for good');
  });
});

describe('a line', () => {
  test('shows control characters, and keeps the colours that are ours', () => {
    expect(harmless('run \u001b[31mred\u001b[39m\tend\nnext')).toBe('run \u001b[31mred\u001b[39m\tend\nnext');
    expect(harmless('a\u001b[2J\u001b]0;title\u0007\r\u009bx\u202e')).toBe(
      'a\\u001b[2J\\u001b]0;title\\u0007\\u000d\\u009bx\\u202e',
    );
    expect(harmless('\u001b[8mhidden\u001b[0m')).toBe('\\u001b[8mhidden\u001b[0m');
  });
});

describe('units', () => {
  test('times', () => {
    const times = [0, 430, 12_900, 65_000, 600_000, 7_380_000, 273_600_000].map(elapsed);
    expect(times).toEqual(['0s', '0.4s', '12s', '1m 05s', '10m', '2h 03m', '3d 4h']);
    const now = Date.parse('2026-01-03T12:00:00Z');
    const since = [
      '2026-01-03T11:47:10Z',
      '2026-01-03T08:30:00Z',
      '2026-01-02T11:00:00Z',
      '2025-12-20T00:00:00Z',
    ];
    expect([...since, '2026-01-02', '2026-01-01'].map((one) => age(one, now))).toEqual([
      ...['12m old', '3h old', '1d old', '14 days old', '1 day old', '2 days old'],
    ]);
    expect(ago('2026-01-01T00:00:00Z', Date.parse('2026-01-01T00:05:30Z'))).toBe('5m ago');
  });

  test('prices and sizes', () => {
    expect([0.0104, 1.212, 32.77, 0.00001, 0].map(dollars)).toEqual([
      '$0.0104',
      '$1.212',
      '$32.77',
      '<$0.0001',
      '$0.00',
    ]);
    expect([512, 16_384, 15_616].map(memory)).toEqual(['512MB', '16GB', '15.25GB']);
  });
});

describe('a question before an act', () => {
  const answered = async (typed: string) => {
    const input = Object.assign(new PassThrough(), { isTTY: true });
    const answer = confirm('Submit?', { input, output: new PassThrough() });
    input.write(typed);
    return answer;
  };

  test.each([
    ['y\r', 'yes'],
    ['Yes\r', 'yes'],
    ['\r', 'no'],
    ['n\r', 'no'],
    ['yesterday\r', 'no'],
    ['\u0003', 'no'],
    ['\u0004', 'no'],
  ])('%j is %s', async (typed, meant) => {
    expect(await answered(typed)).toBe(meant);
  });

  test('has no answer where there is no terminal', async () => {
    await expect(
      confirm('Submit?', { input: new PassThrough(), output: new PassThrough() }),
    ).rejects.toMatchObject({
      exit: 2,
      next: expect.stringContaining('-y'),
    });
  });
});
