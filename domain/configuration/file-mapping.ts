import * as z from 'zod';
import { describe, quote } from './describe.ts';
import type { FileMapping } from './normalized.ts';
import { mustBe, type Refusals, readBy, refuse } from './problem.ts';
import { text } from './text.ts';

const PATH_MAX = 4096;

/** Splits `local:path`. The colon of a Windows drive (`C:\\…`) does not split. */
export function splitLocal(written: string): string[] {
  const drive = /^[A-Za-z]:(?=[\\/])/.exec(written)?.[0] ?? '';
  const [first = '', ...rest] = written.slice(drive.length).split(':');
  return [drive + first, ...rest];
}

/** On a node: absolute, below `~`, or below the working directory. */
export function nodePath(written: string, ctx: Refusals): string {
  const steps = written.split('/').filter((step) => step !== '' && step !== '.');
  if (steps.includes('..')) return refuse(ctx, `${quote(written)} has \`..\` in it`, 'write where it leads');
  if (/^~[^/]/.test(written))
    return refuse(ctx, `${quote(written)} is another user's home`, 'write ~/ or an absolute path');
  if (/^[A-Za-z]:[\\/]/.test(written)) return refuse(ctx, `${quote(written)} is no path of Linux`);
  if (written.length >= PATH_MAX)
    return refuse(ctx, `has ${written.length} characters; Linux takes at most ${PATH_MAX - 1}`);
  return `${written.startsWith('/') ? '/' : ''}${steps.join('/')}` || '.';
}

const localPath = text('a path on your machine').refine((path) => path !== '', 'is empty');
const fields = z.strictObject(
  { local_path: localPath, path: text('a path on the node').transform(nodePath) },
  { error: mustBe('a path such as train.py, or a map of `local_path` and `path`') },
);
export const FILE_FIELDS = Object.keys(fields.shape);

/** `train.py`, `local/path:path/on/the/node`, or a map of the two. Without a path, it is the local one. */
export const fileMapping = z
  .union([z.string(), z.looseObject({})], { error: mustBe('a path such as train.py') })
  .transform((written, ctx): FileMapping => {
    if (typeof written !== 'string') return readBy(fields, written, ctx, 'inside');
    const [local_path = '', path, ...rest] = splitLocal(written);
    if (rest.length > 0 || local_path === '' || path === '')
      return refuse(
        ctx,
        `must be a file such as train.py or train.py:/work/train.py, not ${describe(written)}`,
      );
    return readBy(fields, { local_path, path: path ?? withoutUp(local_path) }, ctx, 'here');
  });

/** `../data` is beside the folder here, and `data` in it there. */
const withoutUp = (path: string): string => path.replace(/^(?:\.\.?\/)+/, '').replace(/^\.\.$/, '.');

/** What a run brings along of its user's machine. */
export const files = z
  .array(fileMapping, { error: mustBe('a list of files', 'write [train.py], or [.] for the whole folder') })
  .max(100, 'has more than 100 entries\nname their folder');
