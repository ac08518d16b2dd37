import {
  type Document,
  isScalar,
  LineCounter,
  parseAllDocuments,
  type Scalar,
  visit,
  type YAMLError,
} from 'yaml';
import type { TaskConfiguration } from '../../domain/configuration/normalized.ts';
import type { Problem } from '../../domain/configuration/problem.ts';
import { parseConfiguration } from '../../domain/configuration/task.ts';
import { fail, type Result } from '../../domain/kernel/result.ts';
import { locate, spanOfEnv } from './locate.ts';
import { type LocatedProblem, locateAt, type Span } from './located-problem.ts';
import { explainSyntax, tooDeep } from './syntax.ts';

// The most that a task may hold (see its own limit), so the most that is worth parsing.
const MAX_BYTES = 256 * 1024;

// A syntax error is often followed by others that it caused.
const MAX_SYNTAX_PROBLEMS = 3;

// What one file may grow to through aliases: more is a "billion laughs".
const MAX_ALIASES = 100;

type Source = { readonly text: string; readonly lines: LineCounter; readonly file: string | null };

/**
 * Reads a run configuration from YAML 1.2 (JSON is YAML too), merge keys included. Every problem says its line and
 * column. `file` is the name to show; the text itself is not looked up.
 */
export function readConfiguration(
  text: string,
  file?: string,
): Result<TaskConfiguration, readonly LocatedProblem[]> {
  const lines = new LineCounter();
  const source: Source = { text, lines, file: file ?? null };
  const whole = (message: string, hint: string) =>
    fail([locateAt({ path: [], message, hint }, { start: 0, end: 0 }, 'position only', source)]);
  const at = (found: readonly { problem: Problem; span: Span }[]) =>
    fail(found.map(({ problem, span }) => locateAt(problem, span, 'source', source)));

  lines.addNewLine(0);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_BYTES) {
    const size = `${(bytes / 1024).toFixed(1)} KB; at most ${MAX_BYTES / 1024} KB is read`;
    return whole(`the file is ${size}`, 'fetch large input in the commands');
  }
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1)) lines.addNewLine(end + 1);
  const deep = tooDeep(text);
  if (deep !== null) return at([deep]);

  const documents = parseAllDocuments(text, {
    prettyErrors: false,
    merge: true,
    stringKeys: true,
    logLevel: 'error',
  });
  const [document, second] = Array.isArray(documents) ? documents : [];
  const empty = 'start with `type: task` and `commands:`';
  if (document === undefined) return whole('the file is empty', empty);
  const syntax = [...document.errors, ...document.warnings];
  if (syntax.length > 0)
    return at(syntax.slice(0, MAX_SYNTAX_PROBLEMS).map((error) => explainSyntax(error, text)));
  if (second !== undefined) {
    const [start = 0] = second.range ?? [];
    const problem = {
      path: [],
      message: 'a second document starts here',
      hint: 'put each configuration in its own file',
    };
    return at([{ problem, span: { start, end: start + 3 } }]);
  }
  if (document.contents === null || (isScalar(document.contents) && document.contents.value === null)) {
    return whole('the file is empty', empty);
  }
  const pitfalls = [...unknownAliases(document), ...ambiguousNumbers(document)];
  if (pitfalls.length > 0) return at(pitfalls);

  const value = plainValue(document);
  if (value === null) {
    return whole(
      'its aliases (`*name`) multiply into more than a configuration can be',
      'write the values out',
    );
  }
  const result = parseConfiguration(value.plain);
  if (result.ok) return result;
  return fail(inOrder(result.error, document, source));
}

/** From top to bottom, with what concerns the whole configuration first, and what sums up the rest last. */
function inOrder(
  problems: readonly Problem[],
  document: Document,
  source: Source,
): readonly LocatedProblem[] {
  const start = document.contents?.range?.[0] ?? 0;
  const env = spanOfEnv(document);
  return problems
    .map((problem) => ({ problem, span: locate(document, problem) }))
    .sort((a, b) => order(a) - order(b))
    .map(({ problem, span }) => {
      const secret =
        problem.path[0] === 'env' || (span !== null && env !== null && sharesLine(span, env, source));
      const show = span === null || secret ? 'position only' : 'source';
      return locateAt(problem, span ?? { start, end: start }, show, source);
    });
}

const order = ({ problem, span }: { problem: Problem; span: Span | null }): number =>
  problem.path.length === 0 ? Number.POSITIVE_INFINITY : (span?.start ?? -1);

function sharesLine(span: Span, env: Span, { lines }: Source): boolean {
  const { line } = lines.linePos(span.start);
  return line >= lines.linePos(env.start).line && line <= lines.linePos(env.end).line;
}

function onePerLine(errors: readonly YAMLError[], lines: LineCounter): readonly YAMLError[] {
  const seen = new Set<number>();
  return errors.filter(({ pos }) => {
    const { line } = lines.linePos(pos[0]);
    const first = !seen.has(line);
    seen.add(line);
    return first;
  });
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

function unknownAliases(document: Document): { problem: Problem; span: Span }[] {
  const found: { problem: Problem; span: Span }[] = [];
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document) !== undefined) return;
      const message = `nothing before this is called \`&${alias.source}\``;
      const hint = 'if the `*` is part of the text, quote it';
      found.push({ problem: { path: [], message, hint }, span: spanOf(alias) });
    },
  });
  return found;
}

/** `010` is 8 to YAML 1.1, which dstack reads, and 10 to YAML 1.2. */
function ambiguousNumbers(document: Document): { problem: Problem; span: Span }[] {
  const found: { problem: Problem; span: Span }[] = [];
  visit(document, {
    Scalar(_, scalar: Scalar) {
      if (typeof scalar.value !== 'number' || !/^[-+]?0\d/.test(scalar.source ?? '')) return;
      const message = `\`${scalar.source}\` is octal to some YAML readers and decimal to others`;
      const hint = `write ${String(scalar.value)}, or "${scalar.source}" if it is text`;
      found.push({ problem: { path: [], message, hint }, span: spanOf(scalar) });
    },
  });
  return found;
}

function spanOf(node: { range?: [number, number, number] | null | undefined }): Span {
  const [start, end] = node.range ?? [0, 0];
  return { start, end };
}
