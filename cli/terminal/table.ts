import { stripVTControlCharacters } from 'node:util';

export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string;
  readonly align?: 'left' | 'right';
  /** Where the terminal is too narrow: cut down, or left out, `least` first. */
  readonly narrow?: 'cut' | 'drop';
  readonly paint?: (text: string, row: Row) => string;
}

const GAP = 2;
const LEAST = 10;

/** Rows under their titles, no wider than `width`; `null`: as wide as it takes. */
export function table<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number | null,
): string[] {
  const cells = rows.map((row) => columns.map(({ value }) => oneLine(value(row))));
  const natural = columns.map(({ title }, n) =>
    Math.max(title.length, ...cells.map((row) => lengthOf(row[n] ?? ''))),
  );
  // A column that says nothing in any row is noise.
  const empty = columns.map((_, n) => rows.length > 0 && cells.every((row) => row[n] === ''));
  const widths = fitted(
    columns,
    natural.map((wide, n) => (empty[n] ? 0 : wide)),
    width,
  );
  const line = (texts: readonly string[], paint: (text: string, n: number) => string): string =>
    texts
      .flatMap((text, n) => {
        const wide = widths[n] ?? 0;
        if (wide === 0) return [];
        const short = cut(text, wide);
        const space = ' '.repeat(wide - lengthOf(short));
        return [columns[n]?.align === 'right' ? space + paint(short, n) : paint(short, n) + space];
      })
      .join(' '.repeat(GAP))
      .trimEnd();
  return [
    line(
      columns.map(({ title }) => title),
      (text) => text,
    ),
    ...rows.map((row, r) =>
      line(cells[r] ?? [], (text, n) => (text && columns[n]?.paint?.(text, row)) || text),
    ),
  ];
}

function fitted<Row>(
  columns: readonly Column<Row>[],
  natural: readonly number[],
  width: number | null,
): number[] {
  const widths = [...natural];
  if (width === null) return widths;
  const excess = () => widths.reduce((sum, wide) => sum + (wide === 0 ? 0 : wide + GAP), -GAP) - width;
  columns.forEach(({ narrow }, n) => {
    if (narrow === 'cut' && excess() > 0)
      widths[n] = Math.min(natural[n] ?? 0, Math.max(LEAST, (widths[n] ?? 0) - excess()));
  });
  for (let n = columns.length - 1; n >= 0; n--)
    if (columns[n]?.narrow === 'drop' && excess() > 0) widths[n] = 0;
  return widths;
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
