import * as z from 'zod';
import { type DiskSpec, diskSpec } from './normalized.ts';
import { mustBe, readBy } from './problem.ts';
import { memoryRange } from './range.ts';

export const DEFAULT_DISK: DiskSpec = { size: { min: 100, max: null } };

const fields = z.strictObject({ size: memoryRange });
export const DISK_FIELDS = Object.keys(fields.shape);

/** The root volume: `100GB`, `100GB..`, or `{size}`. */
export const disk = z
  .union([z.string(), z.number(), z.looseObject({})], {
    error: mustBe('a disk size such as 100GB or 100GB..'),
  })
  .transform((written, ctx): DiskSpec => {
    if (typeof written === 'object') return readBy(fields, written, ctx, 'inside');
    return readBy(fields, { size: written }, ctx, 'here');
  })
  .pipe(diskSpec);
