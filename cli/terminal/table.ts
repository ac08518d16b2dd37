import { stripVTControlCharacters } from 'node:util';

export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string;
  readonly align?: 'left' | 'right';
  /**
   * On a narrow terminal: prose is wrapped, other columns are left out, those with the lowest number first. A column
   * without it is always whole: names and ids are there to be copied.
   */
  readonly narrow?: 'wrap' | { readonly drop: number };
  readonly paint?: (text: string, row: Row) => string;
}

const GAP = 2;
/** Prose in fewer characters a line is hard to read: other columns go first. */
const READABLE = 32;
/** Prose that would have fewer, or less than its longest word takes, is written below its row. */
const LEAST = 16;
const INDENT = 4;

/** Rows under their titles. Nothing is cut: in `width` characters prose is wrapped, and columns are left out; `null`: neither. */
export function table<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number | null,
): string[] {
  const cells = rows.map((row) => columns.map(({ value }) => oneLine(value(row))));
  const natural = columns.map(({ title }, n) =>
    // A column that says nothing in any row is noise.
    rows.length > 0 && cells.every((row) => row[n] === '')
      ? 0
      : Math.max(title.length, ...cells.map((row) => lengthOf(row[n] ?? ''))),
  );
  const words = columns.map((_, n) =>
    Math.max(LEAST, ...cells.flatMap((row) => (row[n] ?? '').split(' ').map(lengthOf))),
  );
  const widths = fitted(columns, natural, words, width);
  const titles = columns.map(({ title }, n) => (widths[n] === 'below' ? '' : title));
  return [
    ...lines(titles, columns, widths, (text) => text),
    ...rows.flatMap((row, r) => {
      const paint = (text: string, n: number) => (text && columns[n]?.paint?.(text, row)) || text;
      const below = columns.flatMap((_, n) =>
        widths[n] === 'below' && width !== null
          ? wrapped(cells[r]?.[n] ?? '', width - INDENT).map((line) => ' '.repeat(INDENT) + paint(line, n))
          : [],
      );
      return [
        ...lines(cells[r] ?? [], columns, widths, paint),
        ...below.filter((line) => line.trim() !== ''),
      ];
    }),
  ];
}

/** Characters; 0: left out; `below`: on lines of its own. */
type Width = number | 'below';

/** One row, in as many lines as its longest cell takes. */
function lines<Row>(
  texts: readonly string[],
  columns: readonly Column<Row>[],
  widths: readonly Width[],
  paint: (text: string, n: number) => string,
): string[] {
  const shown = texts.flatMap((text, n) => {
    const wide = widths[n] ?? 0;
    return wide === 'below' || wide === 0 ? [] : [{ n, wide, parts: wrapped(text, wide) }];
  });
  const height = Math.max(1, ...shown.map(({ parts }) => parts.length));
  return Array.from({ length: height }, (_, line) =>
    shown
      .map(({ n, wide, parts }) => {
        const part = parts[line] ?? '';
        const space = ' '.repeat(wide - lengthOf(part));
        return columns[n]?.align === 'right' ? space + paint(part, n) : paint(part, n) + space;
      })
      .join(' '.repeat(GAP))
      .trimEnd(),
  );
}

/** `natural`: characters of the longest cells; `words`: of the longest word of each column, or the least that prose takes. */
function fitted<Row>(
  columns: readonly Column<Row>[],
  natural: readonly number[],
  words: readonly number[],
  width: number | null,
): Width[] {
  if (width === null) return [...natural];
  const widths: Width[] = [...natural];
  const isProse = columns.map(({ narrow }, n) => narrow === 'wrap' && (natural[n] ?? 0) > LEAST);
  let left = natural.reduce(
    (rest, wide, n) => (isProse[n] || typeof columns[n]?.narrow === 'object' ? rest : rest - taken(wide)),
    width + GAP,
  );
  // As much prose as there is room for goes beside the columns that are always there, the rest below.
  const beside = columns.flatMap((_, n) => {
    if (!isProse[n]) return [];
    const [whole, least] = [natural[n] ?? 0, words[n] ?? 0];
    if (taken(least) > left) {
      widths[n] = 'below';
      return [];
    }
    left -= taken(least);
    return [{ n, least, readable: Math.max(least, Math.min(whole, READABLE)), whole }];
  });
  const optional = columns
    .flatMap(({ narrow }, n) => (typeof narrow === 'object' ? [{ n, drop: narrow.drop }] : []))
    .toSorted((one, other) => other.drop - one.drop);
  const forReading = beside.reduce((sum, { least, readable }) => sum + readable - least, 0);
  for (const { n } of optional) {
    const wide = taken(natural[n] ?? 0);
    if (wide <= left - forReading) left -= wide;
    else widths[n] = 0;
  }
  for (const to of ['readable', 'whole'] as const)
    for (const prose of beside) {
      const now = widths[prose.n];
      const from = to === 'readable' || typeof now !== 'number' ? prose.least : now;
      const more = Math.max(0, Math.min(prose[to] - from, left));
      widths[prose.n] = from + more;
      left -= more;
    }
  return widths;
}

/** Of the line's width, with the gap before the next column. */
const taken = (wide: number): number => (wide === 0 ? 0 : wide + GAP);

/** In lines of at most `width` characters, between words where there are any. */
function wrapped(text: string, width: number): string[] {
  if (lengthOf(text) <= width) return [text];
  const lines: string[] = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? '';
    if (last !== '' && lengthOf(last) + 1 + lengthOf(word) <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
      continue;
    }
    const letters = Array.from(word);
    for (let start = 0; start === 0 || start < letters.length; start += width) {
      const part = letters.slice(start, start + width).join('');
      if (lines.at(-1) === '') lines[lines.length - 1] = part;
      else lines.push(part);
    }
  }
  return lines;
}

const lengthOf = (text: string): number => Array.from(stripVTControlCharacters(text)).length;

/** To that many characters, the last of them `…` where some are missing; what is cut loses its colours. */
export function cut(text: string, width: number): string {
  if (lengthOf(text) <= width) return text;
  return `${Array.from(stripVTControlCharacters(text))
    .slice(0, Math.max(0, width - 1))
    .join('')}…`;
}

/** Cells come from others, messages above all: nothing in them may act on the terminal. */
const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim();
