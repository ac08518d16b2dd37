import * as z from 'zod';
import { describe } from './describe.ts';
import { nodePath, splitLocal } from './file-mapping.ts';
import type { Repo } from './normalized.ts';
import { mustBe, readBy, refuse } from './problem.ts';
import { oneOf, text } from './text.ts';

const orNull = <T>(schema: z.ZodType<T>) => schema.nullish().transform((value) => value ?? null);

const fields = z.strictObject(
  {
    local_path: orNull(text('a path on your machine')),
    url: orNull(text('a URL')),
    branch: orNull(text('a branch')),
    hash: orNull(text('a commit')),
    path: text('a path on the node')
      .transform(nodePath)
      .nullish()
      .transform((path) => path ?? '.'),
    if_exists: oneOf(['error', 'skip'])
      .nullish()
      .transform((said) => said ?? ('error' as const)),
  },
  { error: mustBe('a path or a URL, or a map such as `local_path: .`') },
);
export const REPO_FIELDS = Object.keys(fields.shape);

/** A local path, an `https://` or an `ssh` URL, and optionally `:path` to clone it to; or a map of these. */
export const repo = z
  .union([z.string(), z.looseObject({})], { error: mustBe('a path or a URL') })
  .transform((written, ctx): Repo => {
    if (typeof written !== 'string') return readBy(fields, written, ctx, 'inside');
    const remote = /^(?<url>\w+:\/\/[^:]+(?::\d+[^:]*)?|[\w.-]+@[^:]+:[^:]+)(?::(?<path>.+))?$/.exec(
      written,
    )?.groups;
    const [local, to, ...rest] = remote === undefined ? splitLocal(written) : [];
    if (rest.length > 0 || local === '')
      return refuse(ctx, `must be a path or a URL, and optionally :path, not ${describe(written)}`);
    return readBy(fields, { local_path: local, url: remote?.url, path: remote?.path ?? to }, ctx, 'here');
  });

/** Working copies of git that a run brings along. */
export const repos = z
  .array(repo, { error: mustBe('a list of repositories', 'write [.]') })
  .max(10, 'has more than 10 entries');
