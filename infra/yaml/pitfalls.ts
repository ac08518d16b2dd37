import { type Document, type Scalar, visit } from 'yaml';
import type { Span } from './located-problem.ts';
import type { Found } from './syntax.ts';

/** `*name` where nothing is called `name`, or not yet. */
export function unknownAliases(document: Document): Found[] {
  const found: Found[] = [];
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

/**
 * `010` is 8 to YAML 1.1, which dstack reads, and 10 to YAML 1.2. Not of the variables: they must be text anyway, and
 * are not to be shown.
 */
export function ambiguousNumbers(document: Document, env: Span | null): Found[] {
  const found: Found[] = [];
  visit(document, {
    Scalar(_, scalar: Scalar) {
      if (typeof scalar.value !== 'number' || !/^[-+]?0\d/.test(scalar.source ?? '')) return;
      const span = spanOf(scalar);
      if (env !== null && span.start >= env.start && span.end <= env.end) return;
      const message = `\`${scalar.source}\` is octal to some YAML readers and decimal to others`;
      const hint = `write ${String(scalar.value)}, or "${scalar.source}" if it is text`;
      found.push({ problem: { path: [], message, hint }, span });
    },
  });
  return found;
}

function spanOf(node: { range?: [number, number, number] | null | undefined }): Span {
  const [start, end] = node.range ?? [0, 0];
  return { start, end };
}
