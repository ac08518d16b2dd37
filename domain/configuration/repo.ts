import * as z from 'zod';
import { splitLocal } from './file-mapping.ts';

/** A local path, an `https://` or an `ssh` URL, and optionally `:path` to clone it to. */
export const repo = z.string().transform((written, ctx) => {
  const remote = /^(?<url>\w+:\/\/[^:]+(?::\d+[^:]*)?|[\w.-]+@[^:]+:[^:]+)(?::(?<path>.+))?$/.exec(
    written,
  )?.groups;
  const [local, to, ...rest] = remote === undefined ? splitLocal(written) : [];
  if (rest.length > 0 || local === '') {
    ctx.addIssue({ code: 'custom', message: 'must be a path or a URL, and optionally :path' });
    return z.NEVER;
  }
  return {
    local_path: local ?? null,
    url: remote?.url ?? null,
    branch: null,
    hash: null,
    path: remote?.path ?? to ?? '.',
    if_exists: 'error' as const,
  };
});
