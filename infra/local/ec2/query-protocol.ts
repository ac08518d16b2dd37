import { randomUUID } from 'node:crypto';
import type { AwsError } from '../wire/aws-error.ts';
import type { WireReply } from '../wire/http.ts';

/** `TagSpecification.1.Tag.2.Key=x` as a tree: lists are objects with the keys 1, 2, … */
export type QueryTree = { readonly [name: string]: QueryNode };
export type QueryNode = string | QueryTree;

export function parseQuery(body: string): QueryTree {
  const tree: Record<string, QueryNode> = Object.create(null);
  for (const [path, value] of new URLSearchParams(body)) {
    let node = tree;
    const names = path.split('.');
    for (const name of names.slice(0, -1)) {
      const next = node[name];
      const child = typeof next === 'object' ? (next as Record<string, QueryNode>) : Object.create(null);
      node[name] = child;
      node = child;
    }
    node[names.at(-1) ?? path] = value;
  }
  return tree;
}

export function text(tree: QueryNode | undefined, path: string): string | undefined {
  const node = find(tree, path);
  return typeof node === 'string' ? node : undefined;
}

export function list(tree: QueryNode | undefined, path: string): QueryNode[] {
  const node = find(tree, path);
  if (typeof node !== 'object') return [];
  return Object.entries(node)
    .filter(([index]) => /^\d+$/.test(index))
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, value]) => value);
}

export const texts = (tree: QueryNode | undefined, path: string): string[] =>
  list(tree, path).filter((node) => typeof node === 'string');

function find(tree: QueryNode | undefined, path: string): QueryNode | undefined {
  let node = tree;
  for (const name of path.split('.')) node = typeof node === 'object' ? node[name] : undefined;
  return node;
}

/** What an answer holds: an array becomes `<item>` elements, undefined is left out, a date is ISO 8601. */
export type XmlValue =
  | string
  | number
  | Date
  | undefined
  | readonly XmlValue[]
  | { readonly [name: string]: XmlValue };

export function answerXml(action: string, content: { readonly [name: string]: XmlValue }): WireReply {
  const requestId = randomUUID();
  const body =
    `<?xml version="1.0" encoding="UTF-8"?>\n` +
    `<${action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">` +
    `${element('requestId', requestId)}${elements(content)}</${action}Response>`;
  return { kind: 'answer', status: 200, headers: headers(requestId), body };
}

export function refuseXml(error: AwsError): WireReply {
  const requestId = randomUUID();
  const body =
    `<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error>` +
    `${element('Code', error.code)}${element('Message', error.message)}` +
    `</Error></Errors>${element('RequestID', requestId)}</Response>`;
  return { kind: 'answer', status: error.status, headers: headers(requestId), body };
}

const headers = (requestId: string) => ({
  'content-type': 'text/xml;charset=UTF-8',
  'x-amzn-requestid': requestId,
});

const elements = (content: { readonly [name: string]: XmlValue }): string =>
  Object.entries(content)
    .map(([name, value]) => element(name, value))
    .join('');

function element(name: string, value: XmlValue): string {
  if (value === undefined) return '';
  if (Array.isArray(value))
    return `<${name}>${value.map((item) => element('item', item)).join('')}</${name}>`;
  if (value instanceof Date) return `<${name}>${value.toISOString()}</${name}>`;
  if (typeof value === 'object')
    return `<${name}>${elements(value as { [name: string]: XmlValue })}</${name}>`;
  return `<${name}>${escapeXml(String(value))}</${name}>`;
}

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

// XML 1.0 has no way to write a control character other than tab and newlines: they are left out.
const escapeXml = (raw: string): string =>
  raw.replace(/[&<>"]/g, (character) => escapes[character] ?? character).replace(/[^\P{Cc}\t\n\r]/gu, '');
