import { isTree, joinPath, NotUnderstood } from './service/paths.ts';

/** Lambda's event filtering has no wildcards; the rest of the operators is the same. */
export type Dialect = 'eventbridge' | 'lambda-filter';

export type Matcher = { kind: 'absent' } | { kind: 'value'; matches: (leaf: unknown) => boolean };

/** Compiles one entry of a field's list: a plain value, or a mapping with one operator. Throws `NotUnderstood`. */
export function compileMatcher(rule: unknown, dialect: Dialect, path: string): Matcher {
  if (!isTree(rule)) {
    if (Array.isArray(rule)) throw new NotUnderstood(path, 'lists do not nest');
    return value((leaf) => leaf === rule);
  }
  const [operator, ...others] = Object.keys(rule);
  if (operator === undefined || others.length > 0) throw new NotUnderstood(path, 'one operator was expected');
  const argument = rule[operator];
  const at = joinPath(path, operator);
  switch (operator) {
    case 'exists':
      if (typeof argument !== 'boolean') throw new NotUnderstood(at, 'true or false was expected');
      return argument ? value(() => true) : { kind: 'absent' };
    case 'numeric':
      return value(numeric(argument, at));
    case 'anything-but':
      return value(anythingBut(argument, dialect, at));
    default:
      return value(textOperator(operator, argument, dialect, at));
  }
}

const value = (matches: (leaf: unknown) => boolean): Matcher => ({ kind: 'value', matches });

function textOperator(
  operator: string,
  argument: unknown,
  dialect: Dialect,
  path: string,
): (leaf: unknown) => boolean {
  const foldable = isTree(argument) && Object.keys(argument).join() === 'equals-ignore-case';
  const fold = (text: string) => (foldable ? text.toLowerCase() : text);
  const given = foldable ? argument['equals-ignore-case'] : argument;
  if (typeof given !== 'string') throw new NotUnderstood(path, 'text was expected');
  const wanted = fold(given);
  const onText = (test: (text: string) => boolean) => (leaf: unknown) =>
    typeof leaf === 'string' && test(leaf);
  switch (operator) {
    case 'prefix':
      return onText((text) => fold(text).startsWith(wanted));
    case 'suffix':
      return onText((text) => fold(text).endsWith(wanted));
    case 'equals-ignore-case':
      return onText((text) => text.toLowerCase() === given.toLowerCase());
    case 'wildcard':
      if (dialect === 'eventbridge') return onText(wildcard(given));
      break;
  }
  throw new NotUnderstood(path, `${operator} is not an operator of ${dialect} patterns that the host knows`);
}

/** `*` stands for any characters, `\*` for a star, `\\` for a backslash. */
function wildcard(given: string): (text: string) => boolean {
  const source = given.replace(/\\[*\\]|\*|[^*\\]+|\\/g, (part) => {
    if (part === '*') return '.*';
    const literal = part === '\\*' || part === '\\\\' ? part.slice(1) : part;
    return literal.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  const expression = new RegExp(`^${source}$`, 's');
  return (text) => expression.test(text);
}

function anythingBut(argument: unknown, dialect: Dialect, path: string): (leaf: unknown) => boolean {
  if (isTree(argument)) {
    const [operator, ...others] = Object.keys(argument);
    if (operator === undefined || others.length > 0)
      throw new NotUnderstood(path, 'one operator was expected');
    const refused = [argument[operator]]
      .flat()
      .map((one) => textOperator(operator, one, dialect, joinPath(path, operator)));
    return (leaf) => !refused.some((test) => test(leaf));
  }
  const refused = [argument].flat();
  if (refused.length === 0 || refused.some((one) => typeof one !== 'string' && typeof one !== 'number')) {
    throw new NotUnderstood(path, 'text, a number, or a list of them was expected');
  }
  return (leaf) => !refused.includes(leaf);
}

const COMPARISONS: Readonly<Record<string, (leaf: number, bound: number) => boolean>> = {
  '=': (leaf, bound) => leaf === bound,
  '<': (leaf, bound) => leaf < bound,
  '<=': (leaf, bound) => leaf <= bound,
  '>': (leaf, bound) => leaf > bound,
  '>=': (leaf, bound) => leaf >= bound,
};

function numeric(argument: unknown, path: string): (leaf: unknown) => boolean {
  if (!Array.isArray(argument) || (argument.length !== 2 && argument.length !== 4)) {
    throw new NotUnderstood(path, '[operator, number] or [operator, number, operator, number] was expected');
  }
  const tests: ((leaf: number) => boolean)[] = [];
  for (let at = 0; at < argument.length; at += 2) {
    const compare = COMPARISONS[String(argument[at])];
    const bound: unknown = argument[at + 1];
    if (!compare || typeof bound !== 'number')
      throw new NotUnderstood(path, 'an operator and a number were expected');
    tests.push((leaf: number) => compare(leaf, bound));
  }
  return (leaf) => typeof leaf === 'number' && tests.every((test) => test(leaf));
}
