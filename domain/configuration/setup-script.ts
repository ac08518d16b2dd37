import * as z from 'zod';
import { describe } from './describe.ts';
import type { SetupScript } from './normalized.ts';
import { mustBe, refuse } from './problem.ts';
import { unwritable } from './text.ts';

const fields = z.strictObject({ path: z.string(), content: z.string() });

/** A script of several lines, a file beside the configuration, or that file as it was read: `{path, content}`. */
export const setupScript = z
  .union([z.string(), fields], {
    error: mustBe('a file such as setup.sh', 'or write the script itself, after `|`'),
  })
  .transform((written, ctx): SetupScript => {
    const read = typeof written === 'string' ? ofText(written) : { kind: 'content' as const, ...written };
    const wrong = unwritable(read.kind === 'file' ? read.path : read.content);
    if (wrong !== null) return refuse(ctx, wrong);
    if (read.kind === 'file' && read.path.length >= 4096)
      return refuse(ctx, `${describe(read.path)} is longer than a path can be`);
    // A configuration may come from anyone: it takes no file of the user's from outside its own folder.
    if (read.kind === 'file' && (read.path.startsWith('/') || read.path.split(/[\\/]/).includes('..')))
      return refuse(
        ctx,
        `${describe(read.path)} is outside the folder of the configuration`,
        'name a file beside the configuration, or write the script itself after `|`',
      );
    if (read.kind === 'content' && read.content.trim() === '')
      return refuse(ctx, read.path === null ? 'is empty' : `${describe(read.path)} is empty`);
    return read;
  });

const ofText = (written: string): SetupScript =>
  written.includes('\n')
    ? { kind: 'content', path: null, content: written }
    : written.trim() === ''
      ? { kind: 'content', path: null, content: '' }
      : { kind: 'file', path: written };
