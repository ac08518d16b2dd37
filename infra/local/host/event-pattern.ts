import { compileMatcher, type Dialect, type Matcher } from './event-matcher.ts';
import { isTree, joinPath, NotUnderstood } from './service/paths.ts';

/** Whether an event (any JSON) has what a pattern asks for. */
export type Pattern = (event: unknown) => boolean;

/**
 * Compiles an event pattern: every named field must have one of its listed values; `$or` takes alternatives.
 * An array in the event matches by any of its members. Throws `NotUnderstood` with the path of what it cannot read.
 * Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 * and https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html (a subset).
 */
export function compilePattern(pattern: unknown, dialect: Dialect, path: string): Pattern {
  if (!isTree(pattern) || Object.keys(pattern).length === 0) {
    throw new NotUnderstood(path, 'an event pattern is a mapping with at least one field');
  }
  const tests = Object.entries(pattern).map(([key, wanted]) => {
    const at = joinPath(path, key);
    return key === '$or' ? anyOf(wanted, dialect, at) : field(key, wanted, dialect, at);
  });
  return (event) => {
    const object = isTree(event) ? event : {};
    return tests.every((test) => test(object));
  };
}

function anyOf(wanted: unknown, dialect: Dialect, path: string): Pattern {
  if (!Array.isArray(wanted) || wanted.length < 2)
    throw new NotUnderstood(path, '$or takes two patterns or more');
  const patterns = wanted.map((pattern, at) => compilePattern(pattern, dialect, joinPath(path, at)));
  return (event) => patterns.some((pattern) => pattern(event));
}

function field(key: string, wanted: unknown, dialect: Dialect, path: string): Pattern {
  const valueOf = (event: unknown) => (isTree(event) && Object.hasOwn(event, key) ? event[key] : undefined);
  if (Array.isArray(wanted)) {
    if (wanted.length === 0) throw new NotUnderstood(path, 'an empty list matches nothing');
    const matchers = wanted.map((rule, at) => compileMatcher(rule, dialect, joinPath(path, at)));
    return (event) => leafMatches(valueOf(event), matchers);
  }
  if (!isTree(wanted))
    throw new NotUnderstood(path, 'a field takes a list of values, or a mapping of fields');
  const inner = compilePattern(wanted, dialect, path);
  return (event) => {
    const value = valueOf(event);
    return Array.isArray(value) ? value.some(inner) : inner(value);
  };
}

function leafMatches(value: unknown, matchers: readonly Matcher[]): boolean {
  const leaves = [value].flat(Number.POSITIVE_INFINITY).filter((leaf) => leaf !== undefined && !isTree(leaf));
  return matchers.some((matcher) =>
    matcher.kind === 'absent' ? leaves.length === 0 : leaves.some((leaf) => matcher.matches(leaf)),
  );
}
