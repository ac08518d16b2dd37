import * as z from 'zod';
import type { StreamRef } from '../kernel/stream.ts';
import { keyOf, refOf } from '../streams.ts';

export interface CommitKey {
  readonly stream: StreamRef;
  readonly version: number;
}

/** `Run-01k…/4`: how the ids of its events begin. */
export const commitKey = ({ stream, version }: CommitKey): string => `${keyOf(stream)}/${version}`;

function parseCommitKey(key: string): CommitKey | undefined {
  const slash = key.lastIndexOf('/');
  const stream = refOf(key.slice(0, slash));
  const version = Number(key.slice(slash + 1));
  return stream && Number.isSafeInteger(version) && version > 0 ? { stream, version } : undefined;
}

/**
 * What `publish` leaves in the queue: the names of commits. The store has what is in them for ever, and the queue has no
 * part of it; Lambda's own letter would only tell a place in the table's stream, which is gone after 24 h.
 */
export const Unpublished = z.object({
  unpublished: z.array(z.string()).nonempty(),
  /** What the bus, or whoever was in the way, said last. */
  error: z.string(),
  from: z.iso.datetime(),
  to: z.iso.datetime(),
});
export type Unpublished = z.infer<typeof Unpublished>;

/** `undefined`: one of the names is none of ours. */
export function commitsOf({ unpublished }: Unpublished): readonly CommitKey[] | undefined {
  const commits = unpublished.flatMap((key) => parseCommitKey(key) ?? []);
  return commits.length === unpublished.length ? commits : undefined;
}
