import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type YAMLMap,
} from 'yaml';
import type { Path, Problem } from '../../domain/configuration/problem.ts';
import type { Span } from './located-problem.ts';

/**
 * Where in the document a problem is: at its value, at its name, or, when the path leads to nothing that was written
 * (a missing field, a part of a shorthand), at the nearest thing around it. `null` when that is the whole document.
 */
export function locate(document: Document, { path, about }: Problem): Span | null {
  let node = followed(document.contents, document);
  let found: Span | null = null;
  for (const [index, step] of path.entries()) {
    const pair = isMap(node) ? pairNamed(node, String(step), document) : undefined;
    const next = pair === undefined ? (isSeq(node) ? node.items[Number(step)] : undefined) : pair.value;
    if (pair === undefined && next === undefined) break;
    const value = isNode(next) ? next : null;
    const name = pair !== undefined && isNode(pair.key) ? pair.key : null;
    const last = index === path.length - 1;
    found = spanOf(last && about === 'key' ? name : value) ?? spanOf(name) ?? pointOf(value) ?? found;
    node = followed(value, document);
  }
  return found;
}

/** Of a map's own fields, else of those it merges in with `<<`. */
function pairNamed(map: YAMLMap, name: string, document: Document): Pair | undefined {
  const own = map.items.find((item) => nameOf(item) === name);
  if (own !== undefined) return own;
  const merged = map.items.flatMap((item) => {
    if (!isMerge(item) || !isNode(item.value)) return [];
    const value = followed(item.value, document);
    return isSeq(value) ? value.items.filter(isNode) : value === null ? [] : [value];
  });
  for (const each of merged) {
    const node = followed(each, document);
    // One level only, as a map may merge itself.
    const found = isMap(node) ? node.items.find((item) => nameOf(item) === name) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** `<<: *defaults`. */
export const isMerge = ({ key }: Pair): boolean =>
  isScalar(key) && (key.value === '<<' || typeof key.value === 'symbol') && key.type === 'PLAIN';

/** The name of a field, `null` for a key that is no scalar. */
export const nameOf = (pair: Pair): string | null => (isScalar(pair.key) ? String(pair.key.value) : null);

/** What an alias stands for; anything else as it is. */
export function followed(node: Node | null, document: Document): Node | null {
  return isAlias(node) ? (node.resolve(document) ?? null) : node;
}

/** `null` for a value that was left empty. */
function spanOf(node: Node | null): Span | null {
  if (!node?.range) return null;
  const [start, end] = node.range;
  return end > start ? { start, end } : null;
}

/** Where the value that was left empty would be. */
function pointOf(node: Node | null): Span | null {
  return node?.range ? { start: node.range[0], end: node.range[0] } : null;
}

const SECRETS = [['env'], ['registry_auth'], ['container', 'env']];

/** Whether what is wrong at this place is wrong with something that may be a secret. */
export const isSecret = (path: Path): boolean =>
  SECRETS.some((place) => place.every((step, index) => path[index] === step));

/** Where secrets may be written: these lines are not to be shown. */
export function spansOfSecrets(document: Document): readonly Span[] {
  return SECRETS.flatMap((place) => {
    let node = followed(document.contents, document);
    for (const step of place) {
      const value = isMap(node) ? pairNamed(node, step, document)?.value : undefined;
      node = isNode(value) ? followed(value, document) : null;
    }
    return spanOf(node) ?? [];
  });
}
