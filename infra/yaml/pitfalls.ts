import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Scalar,
  visit,
  type YAMLMap,
} from 'yaml';
import { followed, isMerge, nameOf } from './locate.ts';
import type { Span } from './located-problem.ts';
import type { Found } from './syntax.ts';

/** A field that a map has twice, the second time. */
export function givenTwice(document: Document): Found[] {
  const found: Found[] = [];
  visit(document, {
    Map(_, map) {
      const names = new Set<string>();
      for (const pair of map.items) {
        const name = nameOf(pair);
        if (name === null || !isNode(pair.key)) continue;
        if (names.has(name)) {
          const message = `${/^([A-Za-z_][\w-]{0,40}|<<)$/.test(name) ? `\`${name}\`` : 'this name'} is given twice`;
          const hint = isMerge(pair)
            ? `merge several maps by one list: ${mergedList(map)}`
            : 'keep one of them';
          found.push({ problem: { path: [], message, hint }, span: spanOf(pair.key) });
        }
        names.add(name);
      }
    },
  });
  return found;
}

/** `<<: [*small, *mem]`, of the maps that the merge keys of a map name. */
function mergedList(map: YAMLMap): string {
  const names = map.items
    .filter(isMerge)
    .flatMap(({ value }) => (isAlias(value) ? value.source : isNode(value) ? value.anchor : undefined) ?? []);
  const shown = names.every((name) => /^[\w-]{1,40}$/.test(name)) && names.length > 1 ? names : ['a', 'b'];
  return `\`<<: [${shown.map((name) => `*${name}`).join(', ')}]\``;
}

// They look like the space that indents, and are a part of the name.
const SPACE_LIKE = /^[ \t]*([\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000\ufeff])/;

/** A field whose name begins with a space that YAML does not take for one, as pages and word processors make them. */
export function oddSpaces(document: Document, text: string): Found[] {
  const found: Found[] = [];
  visit(document, {
    Pair(_, { key }) {
      if (!isScalar(key) || key.type !== 'PLAIN' || !key.range) return;
      const [start] = key.range;
      const at = SPACE_LIKE.exec(text.slice(start, start + 40))?.[1];
      if (at === undefined) return;
      const code = (at.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
      const name = code === '00A0' ? 'a no-break space (U+00A0)' : `U+${code}, which looks like a space,`;
      const message = `${name} is where only plain spaces indent`;
      found.push({
        problem: { path: [], message, hint: 'replace it with a plain space' },
        span: { start, end: start + 1 },
      });
    },
  });
  return found;
}

export function aliasesOf(document: Document): Alias[] {
  const aliases: Alias[] = [];
  visit(document, {
    Alias(_, alias) {
      aliases.push(alias);
    },
  });
  return aliases;
}

/** `*name` where nothing is called `name`, or not yet. Not told by its name: an unquoted password may start with a star. */
export function unknown(aliases: readonly Alias[], document: Document): Found[] {
  const message = 'nothing before this has the name after the `*`';
  const hint = 'if the `*` is part of the text, quote it';
  return aliases
    .filter((alias) => alias.resolve(document) === undefined)
    .map((alias) => ({ problem: { path: [], message, hint }, span: spanOf(alias) }));
}

/** `<<:` with something that has no fields to merge in. */
export function emptyMerges(document: Document): Found[] {
  const found: Found[] = [];
  const isMergeable = (value: unknown): boolean => isNode(value) && isMap(followed(value, document));
  visit(document, {
    Pair(_, pair) {
      if (!isMerge(pair) || !isNode(pair.key)) return;
      const value = isNode(pair.value) ? followed(pair.value, document) : null;
      if (isMap(value) || (isSeq(value) && value.items.every(isMergeable))) return;
      const message = '`<<` merges in the fields of a map, and this is none';
      found.push({
        problem: { path: [], message, hint: 'write `<<: *name` of a map' },
        span: spanOf(pair.key),
      });
    },
  });
  return found;
}

/**
 * `010` is 8 to YAML 1.1, which dstack reads, and 10 to YAML 1.2. Not of secrets: they must be text anyway, and are
 * not to be shown.
 */
export function ambiguousNumbers(document: Document, secrets: readonly Span[]): Found[] {
  const found: Found[] = [];
  visit(document, {
    Scalar(_, scalar: Scalar) {
      if (typeof scalar.value !== 'number' || !/^[-+]?0\d/.test(scalar.source ?? '')) return;
      const span = spanOf(scalar);
      if (secrets.some(({ start, end }) => span.start >= start && span.end <= end)) return;
      const message = `\`${scalar.source}\` is octal to some YAML readers and decimal to others`;
      const hint = `write ${String(scalar.value)}, or "${scalar.source}" if it is text`;
      found.push({ problem: { path: [], message, hint }, span });
    },
  });
  return found;
}

/** A number under `env` that would reach the job as another text: `3.10` as 3.1. Without the value, which may be a secret. */
export function unlikeWritten(document: Document): Found[] {
  const maps = [['env'], ['container', 'env']].map((path) => document.getIn(path, true)).filter(isMap);
  const found: Found[] = [];
  for (const map of maps)
    visit(map, {
      Scalar(_, scalar: Scalar) {
        if (typeof scalar.value !== 'number' || String(scalar.value) === scalar.source) return;
        const message = 'a number that YAML would change, as it does 3.10 to 3.1';
        found.push({ problem: { path: [], message, hint: 'quote it' }, span: spanOf(scalar) });
      },
    });
  return found;
}

function spanOf(node: { range?: [number, number, number] | null | undefined }): Span {
  const [start, end] = node.range ?? [0, 0];
  return { start, end };
}
