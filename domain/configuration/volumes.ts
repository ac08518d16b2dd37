import * as z from 'zod';
import { describe, quote } from './describe.ts';
import { mount } from './mount.ts';
import { type Volume, volumeSpec } from './normalized.ts';
import { mustBe, readBy, refuse } from './problem.ts';
import { text } from './text.ts';

const EXAMPLE = '/data:/data, or /data:/data:ro to read only';

const path = text('an absolute path').refine((written) => pathProblem(written) === null, {
  error: (issue) => pathProblem(String(issue.input)) ?? '',
});

const flag = z
  .boolean({ error: mustBe('true or false') })
  .nullish()
  .transform((said) => said ?? false);

const fields = z.strictObject({
  instance_path: path,
  path,
  mode: z
    .enum(['rw', 'ro'], { error: mustBe('`rw` or `ro`') })
    .nullish()
    .transform((mode) => mode ?? ('rw' as const)),
  optional: flag,
  create: flag,
});
export const VOLUME_FIELDS = Object.keys(fields.shape);

/** A folder of the instance, in the container as well: `/a:/b`, `/a:/b:ro`, or `{instance_path, path, optional, create}`. */
const volume = z
  .union([z.string(), z.looseObject({})], { error: mustBe(`folders such as ${EXAMPLE}`) })
  .transform((written, ctx): Volume => {
    if (typeof written !== 'string') {
      if ('name' in written && !('instance_path' in written)) return networkVolume(ctx);
      return readBy(fields, written, ctx, 'inside');
    }
    const [, both = written, mode = 'rw'] = /^([^:]*:[^:]*):(rw|ro)$/.exec(written) ?? [];
    const read = mount.safeParse(both);
    if (!read.success)
      return refuse(ctx, `${describe(written)} does not say what to mount where`, `write ${EXAMPLE}`);
    if ('name' in read.data) return networkVolume(ctx);
    return readBy(fields, { ...read.data, mode }, ctx, 'here');
  })
  .pipe(volumeSpec);

export const volumes = z
  .array(volume, { error: mustBe('a list of folders', `write each after a dash, such as ${EXAMPLE}`) })
  .max(100, 'has more than 100 entries');

function networkVolume(ctx: Parameters<typeof refuse>[0]): never {
  return refuse(
    ctx,
    'a network volume is not supported yet',
    "mount a folder of the instance's: /data:/data",
  );
}

// Docker splits what it is told at colons, and mounts are told with commas.
function pathProblem(written: string): string | null {
  if (!written.startsWith('/')) return `must be an absolute path such as /data, not ${quote(written)}`;
  if (written.split('/').includes('..')) return `${quote(written)} has \`..\` in it\nwrite where it leads`;
  if (/[:,"\n]/.test(written)) return `${quote(written)} has a character that no mount can have`;
  return written.length < 4096 ? null : 'is longer than Linux takes';
}
