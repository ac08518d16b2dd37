import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { CodeArchive } from '../../domain/run/code.ts';
import { environment } from '../environment.ts';
import type { Entry } from './entries.ts';

/** What a folder was packed to the last time, file by file. */
const Known = z.object({
  version: z.literal(1),
  archive: CodeArchive,
  pointers: z.array(z.string()),
  files: z.array(z.tuple([z.string(), z.string()])),
});

export type LastTime = {
  readonly archive: CodeArchive;
  readonly pointers: readonly string[];
  /** Files that were added, removed or written since. */
  readonly changed: number;
};

const folder = (): string => join(environment.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'sortie', 'code');

const placeOf = (origin: string): string =>
  join(folder(), `${createHash('sha256').update(origin).digest('hex').slice(0, 32)}.json`);

/** `origin`: names what was packed, a configuration's file. Null: it never was, as far as this machine remembers. */
export function lastTime(origin: string, entries: readonly Entry[]): LastTime | null {
  let known: z.infer<typeof Known>;
  try {
    known = Known.parse(JSON.parse(readFileSync(placeOf(origin), 'utf8')));
  } catch {
    // Lost, or of another version: packing anew costs a second.
    return null;
  }
  const before = new Map(known.files);
  const written = entries.filter(({ name, stamp }) => before.get(name) !== stamp).length;
  const names = new Set(entries.map(({ name }) => name));
  const removed = known.files.filter(([name]) => !names.has(name)).length;
  return { archive: known.archive, pointers: known.pointers, changed: written + removed };
}

/**
 * `since`: when packing began. A file that changed within the 2 s before is remembered as changed: on a file system with
 * coarse times it could be written again without showing it.
 */
export function remember(
  origin: string,
  entries: readonly Entry[],
  { archive, pointers }: Omit<LastTime, 'changed'>,
  since: number,
): void {
  const files = entries.map(({ name, stamp, changedAt }) => [name, changedAt > since - 2_000 ? '' : stamp]);
  try {
    mkdirSync(folder(), { recursive: true, mode: 0o700 });
    const part = `${placeOf(origin)}.${process.pid}`;
    writeFileSync(part, JSON.stringify({ version: 1, archive, pointers, files }), { mode: 0o600 });
    renameSync(part, placeOf(origin));
  } catch {
    // A cache that cannot be written is only slow.
  }
}
