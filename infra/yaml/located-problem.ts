import type { LineCounter } from 'yaml';
import { visible } from '../../domain/configuration/describe.ts';
import { formatPath, type Problem } from '../../domain/configuration/problem.ts';

/** A problem, and where in the text it is. */
export type LocatedProblem = Problem & {
  /** As the caller named it; `null` when the text came from elsewhere. */
  readonly file: string | null;
  /** From 1. */
  readonly line: number;
  /** From 1, in characters. */
  readonly column: number;
  /** The line and what to underline in it; `null` where the line may hold a secret, or nothing in it is at fault. */
  readonly source: { readonly text: string; readonly from: number; readonly length: number } | null;
};

/** The part of the text that is at fault, as offsets. */
export type Span = { readonly start: number; readonly end: number };

const MOST_SHOWN = 100;
const LEAD = 40;

/** `train.yaml:4:8: resources.gpu: …`, the line with a caret under the fault, and a hint. */
function formatProblem({ file, line, column, path, message, hint, about, source }: LocatedProblem): string {
  const place = file === null ? `line ${line}, column ${column}` : `${visible(file)}:${line}:${column}`;
  // A message about a field's name has the name in it.
  const shown = formatPath(about === 'key' ? path.slice(0, -1) : path);
  const where = shown === '' ? '' : `${shown}: `;
  const number = String(line).padStart(5);
  const excerpt =
    source === null
      ? []
      : [
          `${number} | ${source.text}`,
          `${' '.repeat(number.length)} | ${' '.repeat(source.from)}${'^'.repeat(source.length)}`,
        ];
  return [
    `${place}: ${where}${message}`,
    ...excerpt,
    ...(hint === undefined ? [] : [`  hint: ${hint}`]),
  ].join('\n');
}

/** All of them, as one text; a hint that several share is given once. */
export function formatProblems(problems: readonly LocatedProblem[]): string {
  const given = new Set<string>();
  return problems
    .map(({ hint, ...problem }) => {
      if (hint === undefined || given.has(hint)) return formatProblem(problem);
      given.add(hint);
      return formatProblem({ ...problem, hint });
    })
    .join('\n');
}

/** Puts a problem at a span of the text. */
export function locateAt(
  problem: Problem,
  span: Span,
  show: 'source' | 'position only',
  { text, lines, file }: { text: string; lines: LineCounter; file: string | null },
): LocatedProblem {
  const { line, col } = lines.linePos(Math.min(span.start, text.length));
  const lineStart = span.start - (col - 1);
  const whole = text.slice(lineStart).split(/\r?\n/, 1)[0] ?? '';
  const before = Array.from(whole.slice(0, col - 1));
  const at = { ...problem, file, line, column: before.length + 1 };
  if (show === 'position only' || whole.trim() === '') return { ...at, source: null };

  // A long line is shown around the fault only.
  const dropped = before.length > MOST_SHOWN - LEAD ? before.length - LEAD : 0;
  const characters = Array.from(whole.slice(0, col - 1 + 2 * MOST_SHOWN));
  const shown = characters.slice(dropped, dropped + MOST_SHOWN);
  const faulty = Array.from(text.slice(span.start, Math.min(span.end, lineStart + whole.length))).length;
  const from = before.length - dropped;
  return {
    ...at,
    source: {
      text: shown
        .map((character) => (/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u.test(character) ? ' ' : character))
        .join(''),
      from,
      length: Math.max(1, Math.min(faulty, shown.length - from)),
    },
  };
}
