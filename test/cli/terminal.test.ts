import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { confirm } from '../../cli/terminal/confirm.ts';
import { harmless } from '../../cli/terminal/output.ts';
import { type Column, table } from '../../cli/terminal/table.ts';
import { age, ago, elapsed, memory, soon } from '../../cli/terminal/units.ts';
import { dollars } from '../../domain/kernel/dollars.ts';

type Row = { name: string; zone: string; message: string };
const columns: Column<Row>[] = [
  { title: 'NAME', value: ({ name }) => name },
  { title: 'ZONE', value: ({ zone }) => zone, narrow: { drop: 1 } },
  { title: 'MESSAGE', value: ({ message }) => message, narrow: 'wrap' },
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

  test('leaves out a column where prose would be less than readable, and wraps prose in the room that is left', () => {
    expect(table(columns, rows, 58)).toEqual([
      'NAME         ZONE        MESSAGE',
      'a            us-east-1a  short',
      'longer-name  us-east-1b  a message that goes on for quite',
      '                         a while',
    ]);
    expect(table(columns, rows, 56)).toEqual([
      'NAME         MESSAGE',
      'a            short',
      'longer-name  a message that goes on for quite a while',
    ]);
  });

  test('writes prose below its row where there is no room beside names', () => {
    expect(table(columns, rows, 26)).toEqual([
      'NAME         ZONE',
      'a            us-east-1a',
      '    short',
      'longer-name  us-east-1b',
      '    a message that goes on',
      '    for quite a while',
    ]);
  });

  test('keeps every column that has room, whichever was left out before it', () => {
    const three: Column<Row>[] = [
      { title: 'NAME', value: ({ name }) => name },
      { title: 'WIDE', value: ({ message }) => message, narrow: { drop: 2 } },
      { title: 'ZONE', value: ({ zone }) => zone, narrow: { drop: 1 } },
    ];
    expect(table(three, rows, 30)[2]).toBe('longer-name  us-east-1b');
  });

  test('cuts no word, whatever the width', () => {
    const words = (lines: readonly string[]) => new Set(lines.join(' ').split(/\s+/));
    const whole = words(table(columns, rows, null));
    for (let width = 26; width <= 80; width++) {
      const lines = table(columns, rows, width);
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
      for (const word of words(lines)) expect(whole).toContain(word);
    }
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

  test('an instant to come is told by how far away it is', () => {
    const now = Date.parse('2026-11-28T04:47:36Z');
    const told = (instant: string) => soon(`tries again at ${instant} after exit status 3`, now);
    expect(told('2026-11-28T04:47:50.000Z')).toBe('tries again in 14 s (04:47:50Z) after exit status 3');
    expect(told('2026-11-28T04:57:36Z')).toBe('tries again in 10 min (04:57:36Z) after exit status 3');
    expect(told('2026-11-30T04:47:36Z')).toBe(
      'tries again in 48 h (2026-11-30T04:47:36Z) after exit status 3',
    );
    expect(told('2026-11-28T04:47:00Z')).toBe('tries again at 04:47:00Z after exit status 3');
  });

  test('prices and sizes', () => {
    expect([0.005, 0.0104, 1.212, 32.77, 0.00001, 0].map(dollars)).toEqual([
      '$0.0050',
      '$0.0104',
      '$1.2120',
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
