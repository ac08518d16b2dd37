import * as z from 'zod';
import { describe, quote } from './describe.ts';
import { mustBe, refuse } from './problem.ts';
import { hasReference } from './references.ts';
import { text, unwritable } from './text.ts';

const NAME = /^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*$/;
const REGISTRY = /^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?(?::\d{1,5})?$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^[a-z0-9+._-]{1,20}:[0-9a-f]{32,128}$/;

/** `ubuntu`, `ghcr.io/owner/name:tag`, `name@sha256:…`: what `docker pull` takes. */
export const image = text('the name of an image').refine((name) => imageProblem(name) === null, {
  error: (issue) => imageProblem(String(issue.input)) ?? '',
});

function imageProblem(written: string): string | null {
  // It is told and recorded in the open, and variables may be secrets.
  if (hasReference(written)) return 'takes no `${{ … }}`: the name of an image is recorded';
  const [named = '', digest, ...more] = written.split('@');
  const parts = named.split('/');
  const last = parts.pop() ?? '';
  const [name = '', tag] = last.split(':');
  const registry = parts.length > 0 && /[.:]|^localhost$/.test(parts[0] ?? '') ? parts.shift() : undefined;
  const right =
    written.length <= 400 &&
    more.length === 0 &&
    last.split(':').length <= 2 &&
    [...parts, name].every((part) => NAME.test(part)) &&
    (registry === undefined || REGISTRY.test(registry)) &&
    (tag === undefined || TAG.test(tag)) &&
    (digest === undefined || DIGEST.test(digest));
  return right ? null : `${quote(written)} is not the name of an image such as ubuntu:24.04`;
}

// Never the value itself: it is a secret, or what was taken for one.
const credential = z
  .string({ error: () => 'must be text\nwrite ${{ env.NAME }}, and list NAME under `env`' })
  .min(1, 'is empty')
  .refine((value) => unwritable(value) === null, { error: (issue) => unwritable(String(issue.input)) ?? '' });

const credentials = z.strictObject(
  { username: credential, password: credential },
  { error: () => 'must be a map of `username` and `password`' },
);
export const REGISTRY_AUTH_FIELDS = Object.keys(credentials.shape);

/** What a private registry wants to know. References are replaced when the run is submitted. */
export const registryAuth = credentials;

/** A program and its first arguments; as text it is split as a shell would. */
export const entrypoint = z
  .union([z.string(), z.array(text('text')).min(1, 'names no program')], {
    error: mustBe('a program and its arguments', 'write "bash -c", or [bash, -c]'),
  })
  .transform((written, ctx): string[] => {
    if (typeof written !== 'string') return written;
    const bad = unwritable(written);
    if (bad !== null) return refuse(ctx, bad);
    const words = split(written);
    if (words === null) return refuse(ctx, `${describe(written)} has a quote that is not closed`);
    return words.length === 0 ? refuse(ctx, 'names no program', 'leave it out for that of the image') : words;
  });

/** By the shell's quoting, without its expansions. */
function split(written: string): string[] | null {
  const token = /\s+|"((?:[^"\\]|\\[^])*)"|'([^']*)'|\\([^])|([^\s"'\\]+)/gy;
  const words: string[] = [];
  let word: string | null = null;
  let end = 0;
  for (const [whole, double, single, escaped, plain] of written.matchAll(token)) {
    end += whole.length;
    const part = double?.replace(/\\(["\\$`])/g, '$1') ?? single ?? escaped ?? plain;
    if (part !== undefined) word = (word ?? '') + part;
    else if (word !== null) {
      words.push(word);
      word = null;
    }
  }
  if (word !== null) words.push(word);
  return end === written.length ? words : null;
}
