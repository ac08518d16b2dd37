import type { Path, Problem } from './problem.ts';

const MAX_DEPTH = 16;

/**
 * The first thing in a value that no field could make sense of: nesting far beyond any field's, or a `__proto__`,
 * which sets the prototype of whatever object it is copied to. Iterative, as the value may be as deep as its text is long.
 */
export function forbiddenShape(value: object): Problem | null {
  // An alias may make one map stand in many places, or in itself.
  const seen = new Set<object>([value]);
  const waiting: { node: object; path: Path }[] = [{ node: value, path: [] }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { node, path } = next;
    if (path.length >= MAX_DEPTH) return { path: path.slice(0, MAX_DEPTH), message: 'is nested too deeply' };
    if (Object.hasOwn(node, '__proto__')) {
      return { path: [...path, '__proto__'], message: 'the name `__proto__` is not allowed', about: 'key' };
    }
    const isList = Array.isArray(node);
    for (const [key, child] of Object.entries(node)) {
      if (typeof child !== 'object' || child === null || seen.has(child)) continue;
      seen.add(child);
      waiting.push({ node: child, path: [...path, isList ? Number(key) : key] });
    }
  }
  return null;
}
