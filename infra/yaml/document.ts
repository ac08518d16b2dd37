import { type Document, isScalar, LineCounter, parseAllDocuments, type YAMLError } from 'yaml';
import { MAX_PROBLEMS } from '../../domain/configuration/problem.ts';
import { fail, ok, type Result } from '../../domain/kernel/result.ts';
import { spansOfSecrets } from './locate.ts';
import {
  aliasesOf,
  ambiguousNumbers,
  emptyMerges,
  givenTwice,
  oddSpaces,
  unknown,
  unlikeWritten,
} from './pitfalls.ts';
import { explainSyntax, type Found, unparsable } from './syntax.ts';

// The most that a task may hold (see its own limit), so the most that is worth parsing.
const MAX_BYTES = 256 * 1024;

// A syntax error is often followed by others that it caused.
const MAX_SYNTAX_PROBLEMS = 3;

// Finding what an alias stands for is a walk through the document.
const MAX_ALIASES = 100;

const START_HINT = 'start with `type: task` and `commands:`';

/** The one document of a text, free of everything that YAML readers disagree on. */
export function readDocument(text: string, lines: LineCounter): Result<Document, readonly Found[]> {
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_BYTES) {
    const message = `the file is ${(bytes / 1024).toFixed(1)} KB; at most ${MAX_BYTES / 1024} KB is read`;
    return fail([whole(message, 'fetch large input in the commands')]);
  }
  const early = unparsable(text);
  if (early !== null) return fail([early]);

  // Its own search for keys given twice compares each with all before it: `givenTwice` does not.
  const options = {
    prettyErrors: false,
    uniqueKeys: false,
    merge: true,
    stringKeys: true,
    logLevel: 'error',
  } as const;
  const documents = withoutStacks(() => parseAllDocuments(text, options));
  const [document, second] = Array.isArray(documents) ? documents : [];
  if (document === undefined) return fail([whole('the file is empty', START_HINT)]);
  const errors = onePerLine([...document.errors, ...document.warnings], lines).toSorted(
    (a, b) => a.pos[0] - b.pos[0],
  );
  if (errors.length > 0) {
    return fail(errors.slice(0, MAX_SYNTAX_PROBLEMS).map((error) => explainSyntax(error, text)));
  }
  if (second !== undefined) {
    const start = second.range?.[0] ?? 0;
    const message = 'a second document starts here';
    const problem = { path: [], message, hint: 'put each configuration in its own file' };
    return fail([{ problem, span: { start, end: start + 3 } }]);
  }
  const { contents } = document;
  if (contents === null || (isScalar(contents) && contents.value === null)) {
    return fail([whole('the file is empty', START_HINT)]);
  }
  const aliases = aliasesOf(document);
  if (aliases.length > MAX_ALIASES) {
    return fail([
      whole(
        `the file has ${aliases.length} aliases (\`*name\`); at most ${MAX_ALIASES} are read`,
        'write the values out',
      ),
    ]);
  }
  const pitfalls = [
    ...oddSpaces(document, text),
    ...givenTwice(document),
    ...unknown(aliases, document),
    ...emptyMerges(document),
    ...ambiguousNumbers(document, spansOfSecrets(document)),
    ...unlikeWritten(document),
  ];
  return pitfalls.length > 0 ? fail(pitfalls.slice(0, MAX_PROBLEMS)) : ok(document);
}

/** 100,000 syntax errors take a second with the stacks of calls that nobody reads, and a quarter of one without. */
function withoutStacks<T>(work: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return work();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** Where the lines of a text start. */
export function linesOf(text: string): LineCounter {
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1)) lines.addNewLine(end + 1);
  return lines;
}

const whole = (message: string, hint: string): Found => ({
  problem: { path: [], message, hint },
  span: null,
});

function onePerLine(errors: readonly YAMLError[], lines: LineCounter): readonly YAMLError[] {
  const seen = new Set<number>();
  return errors.filter(({ pos }) => {
    const { line } = lines.linePos(pos[0]);
    const first = !seen.has(line);
    seen.add(line);
    return first;
  });
}
