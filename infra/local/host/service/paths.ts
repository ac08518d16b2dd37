/** Where a value sits in serverless.yml, as a reader would write it: `functions.api.events[0].httpApi`. */
export function joinPath(parent: string, key: string | number): string {
  if (typeof key === 'number') return `${parent}[${key}]`;
  const plain = /^[\w$-]+$/.test(key) ? key : JSON.stringify(key);
  return parent === '' ? plain : `${parent}.${plain}`;
}

/** A construct of serverless.yml that the host would have to guess at. It refuses to start instead. */
export class NotUnderstood extends Error {
  override readonly name = 'NotUnderstood';
  constructor(path: string, why: string) {
    super(`serverless.yml, at ${path || 'the top'}: ${why}`);
  }
}

export type Tree = { readonly [key: string]: unknown };

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
