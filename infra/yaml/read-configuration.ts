import type { Document, LineCounter } from 'yaml';
import { parseApplicable } from '../../domain/configuration/configuration.ts';
import { parseFleet } from '../../domain/configuration/fleet.ts';
import type { FleetConfiguration, TaskConfiguration } from '../../domain/configuration/normalized.ts';
import type { Problem } from '../../domain/configuration/problem.ts';
import { type Profile, parseProfiles } from '../../domain/configuration/profile.ts';
import { parseConfiguration } from '../../domain/configuration/task.ts';
import { fail, type Result } from '../../domain/kernel/result.ts';
import { linesOf, readDocument } from './document.ts';
import { isSecret, locate, spansOfSecrets } from './locate.ts';
import { type LocatedProblem, locateAt, type Span } from './located-problem.ts';
import { amongSecrets } from './secret-lines.ts';

// What one file may grow to through aliases: more is a "billion laughs".
const MAX_ALIASES = 100;

type Source = { readonly text: string; readonly lines: LineCounter; readonly file: string | null };

/**
 * Reads a run configuration from YAML 1.2 (JSON is YAML too), merge keys included. Every problem says its line and
 * column. `file` is the name to show; nothing is read from it. `merged`: with what is given beside the file.
 */
export const readConfiguration = (
  text: string,
  file?: string,
  merged: Merging = asItIs,
): Result<TaskConfiguration, readonly LocatedProblem[]> =>
  readWith((plain) => parseConfiguration(merged(plain)), text, file);

type Merging = (plain: unknown) => unknown;
const asItIs: Merging = (plain) => plain;

export const readFleet = (
  text: string,
  file?: string,
): Result<FleetConfiguration, readonly LocatedProblem[]> => readWith(parseFleet, text, file);

/** The same for whatever may be applied: a task or a fleet. */
export const readApplicable = (
  text: string,
  file?: string,
  merged: Merging = asItIs,
): Result<TaskConfiguration | FleetConfiguration, readonly LocatedProblem[]> =>
  readWith((plain) => parseApplicable(merged(plain)), text, file);

export const readProfiles = (
  text: string,
  file: string,
): Result<readonly Profile[], readonly LocatedProblem[]> => readWith(parseProfiles, text, file);

function readWith<T>(
  parse: (value: unknown) => Result<T, readonly Problem[]>,
  text: string,
  file?: string,
): Result<T, readonly LocatedProblem[]> {
  const source: Source = { text, lines: linesOf(text), file: file ?? null };
  const whole = { start: 0, end: 0 };
  const read = readDocument(text, source.lines);
  if (!read.ok) {
    return fail(
      read.error.map(({ problem, span }) => {
        const show = span === null || amongSecrets(text, span.start) ? 'position only' : 'source';
        return locateAt(problem, span ?? whole, show, source);
      }),
    );
  }
  const value = plainValue(read.value);
  if (value === null) {
    const message = 'its aliases (`*name`) multiply into more than a configuration can be';
    return fail([
      locateAt({ path: [], message, hint: 'write the values out' }, whole, 'position only', source),
    ]);
  }
  const result = parse(value.plain);
  return result.ok ? result : fail(inOrder(result.error, read.value, source));
}

function plainValue(document: Document): { plain: unknown } | null {
  try {
    return { plain: document.toJS({ maxAliasCount: MAX_ALIASES }) };
  } catch (error) {
    // How the package reports an alias count over the limit; unknown aliases have been reported before.
    if (error instanceof ReferenceError) return null;
    throw error;
  }
}

/** From top to bottom, with what concerns the whole configuration first, and what sums up the rest last. */
function inOrder(
  problems: readonly Problem[],
  document: Document,
  source: Source,
): readonly LocatedProblem[] {
  const start = document.contents?.range?.[0] ?? 0;
  const secrets = spansOfSecrets(document);
  return problems
    .map((problem) => ({ problem, span: locate(document, problem) }))
    .sort((a, b) => order(a) - order(b))
    .map(({ problem, span }) => {
      const secret =
        isSecret(problem.path) ||
        (span !== null && secrets.some((secret) => sharesLine(span, secret, source)));
      const show = span === null || secret ? 'position only' : 'source';
      return locateAt(problem, span ?? { start, end: start }, show, source);
    });
}

const order = ({ problem, span }: { problem: Problem; span: Span | null }): number =>
  problem.path.length === 0 ? Number.POSITIVE_INFINITY : (span?.start ?? -1);

function sharesLine(span: Span, secret: Span, { lines }: Source): boolean {
  const { line } = lines.linePos(span.start);
  return line >= lines.linePos(secret.start).line && line <= lines.linePos(secret.end - 1).line;
}
