import type { DeadLetter, Redriven } from '../../domain/api/dead-letter.ts';
import type { Output } from '../terminal/output.ts';
import { ago } from '../terminal/units.ts';

/** Each letter in a few lines: who and why, where, what it means, what to do. */
export function letterLines(letters: readonly DeadLetter[], { paint }: Output, now: number): string[] {
  if (letters.length === 0) return ['There are no dead letters.'];
  return letters.flatMap(({ id, function: who, condition, attempts, at, stream, what, next }) => [
    [
      paint.bold(id),
      who ?? 'unknown',
      ...(condition === null ? [] : [paint.red(condition)]),
      ...(attempts === null ? [] : [`after ${attempts} attempts`]),
      ago(at, now),
    ].join('  '),
    ...(stream === null
      ? []
      : [paint.dim(`  ${stream.shard}, sequence numbers ${stream.from} to ${stream.to}`)]),
    `  ${what}`,
    `  next: ${next}`,
  ]);
}

export const redrivenLines = (letters: Redriven['letters'], { paint }: Output): string[] =>
  letters.map(({ id, outcome, message }) => {
    const well = outcome === 'redriven' || outcome === 'discarded';
    const told = outcome.replaceAll('_', ' ');
    return `${paint.bold(id)}  ${well ? paint.green(told) : paint.yellow(told)}  ${message}`;
  });
