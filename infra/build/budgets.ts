/** The most bytes that each function's bundle may have: `budgets.json`, by name. */
export type Budgets = Readonly<Record<string, number>>;

export type Verdict =
  | { kind: 'within'; name: string; bytes: number; budget: number }
  | { kind: 'over'; name: string; bytes: number; budget: number }
  | { kind: 'without-budget'; name: string; bytes: number }
  | { kind: 'not-built'; name: string; budget: number };

/** Compares what was built with what is allowed. A function without a budget, or a budget without a function, fails. */
export function judge(built: Readonly<Record<string, number>>, budgets: Budgets): Verdict[] {
  const names = [...new Set([...Object.keys(built), ...Object.keys(budgets)])].sort();
  return names.map((name) => {
    const [bytes, budget] = [built[name], budgets[name]];
    if (budget === undefined) return { kind: 'without-budget', name, bytes: bytes ?? 0 };
    if (bytes === undefined) return { kind: 'not-built', name, budget };
    return { kind: bytes <= budget ? 'within' : 'over', name, bytes, budget };
  });
}

/** The verdicts as a table for people: sizes in kB of 1,000 bytes. */
export function table(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map((verdict) => {
    switch (verdict.kind) {
      case 'within':
      case 'over': {
        const headroom = Math.round(100 * (1 - verdict.bytes / verdict.budget));
        return [verdict.name, kB(verdict.bytes), kB(verdict.budget), `${headroom} %`, remark(verdict.kind)];
      }
      case 'without-budget':
        return [
          verdict.name,
          kB(verdict.bytes),
          '–',
          '–',
          'has no budget: add one to infra/build/budgets.json',
        ];
      case 'not-built':
        return [verdict.name, '–', kB(verdict.budget), '–', 'was not built: type `npm run build`'];
    }
  });
  const lines = [['function', 'size', 'budget', 'headroom', ''], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => align(cell, column, widths))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const kB = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`;

const remark = (kind: 'within' | 'over') =>
  kind === 'over' ? 'over: see what came in (`npx esbuild … --analyze`), or argue for a higher budget' : '';

function align(cell: string, column: number, widths: readonly number[]): string {
  const width = widths[column] ?? 0;
  return column === 0 || column > 3 ? cell.padEnd(width) : cell.padStart(width);
}
