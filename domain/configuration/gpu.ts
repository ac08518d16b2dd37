import * as z from 'zod';
import { describe } from './describe.ts';
import { type GpuSpec, gpuSpec, gpuVendors } from './normalized.ts';
import { mustBe, type Refusals, readBy, refuse } from './problem.ts';
import { countRange, memoryRange } from './range.ts';

const EXAMPLES = '24GB, A100:2, A10G,L4:24GB.. or nvidia:80GB:8';
const ALIASES: Record<string, GpuSpec['vendor']> = { tpu: 'google', tt: 'tenstorrent' };

const vendor = z.string({ error: mustBe(`a vendor: ${gpuVendors.join(', ')}`) }).transform((written, ctx) => {
  return (
    vendorNamed(written) ??
    refuse(ctx, `${describe(written)} is not a GPU vendor`, `write one of ${gpuVendors.join(', ')}`)
  );
});

const oneName = z
  .string({ error: mustBe('a GPU name such as A100') })
  .transform((name) => name.replace(/^tpu-/, ''))
  .refine((name) => /^\p{L}[\p{L}\d._+-]{0,39}$/u.test(name), {
    error: (issue) => `${describe(issue.input)} is not a GPU name such as A100, L4 or RTX4090`,
  });

const name = z
  .union([z.string(), z.array(z.unknown())], { error: mustBe('GPU names such as A100') })
  .transform((written) => (typeof written === 'string' ? written.replaceAll(' ', '').split(',') : written))
  .pipe(z.array(oneName).min(1, 'names no GPU'));

const computeCapability = z
  .union([z.string(), z.number(), z.array(z.unknown())], {
    error: mustBe('a compute capability such as 8.0'),
  })
  .transform((written, ctx): [number, number] => {
    // YAML reads 8.0 as the number 8.
    const text = Array.isArray(written)
      ? written.join('.')
      : Number.isInteger(written)
        ? `${String(written)}.0`
        : String(written);
    const match = /^\s*(\d{1,2})\.(\d{1,2})\s*$/.exec(text);
    if (match === null) return refuse(ctx, `${describe(written)} is not a compute capability such as 8.0`);
    return [Number(match[1]), Number(match[2])];
  });

const orNull = <T>(schema: z.ZodType<T>) => schema.nullish().transform((value) => value ?? null);

const fields = z.strictObject({
  vendor: orNull(vendor),
  name: orNull(name),
  count: countRange.nullish().transform((value) => value ?? { min: 1, max: null }),
  memory: orNull(memoryRange),
  total_memory: orNull(memoryRange),
  compute_capability: orNull(computeCapability),
});
export const GPU_FIELDS = Object.keys(fields.shape);

/** Vendor, names, memory of each and count, in any order: `24GB`, `A100:2`, `H100:80GB:1..2`, or a map. */
export const gpu = z
  .union([z.string(), z.number(), z.looseObject({})], { error: mustBe(`GPUs such as ${EXAMPLES}`) })
  .transform((written, ctx): GpuSpec => {
    if (typeof written === 'object') return readBy(fields, written, ctx, 'inside');
    const spec = tokens(String(written), ctx);
    return spec === null ? z.NEVER : readBy(fields, spec, ctx, 'here');
  })
  .pipe(gpuSpec);

const PARTS = { vendor: 'vendors', name: 'names', memory: 'memory sizes', count: 'counts' } as const;
type Parts = Partial<Record<keyof typeof PARTS, string>>;

function tokens(written: string, ctx: Refusals): Parts | null {
  const spec: Parts = {};
  for (const token of written.replaceAll(' ', '').split(':')) {
    if (token === '') {
      refuse(ctx, `${describe(written)} has an empty part`, `write GPUs as ${EXAMPLES}`);
      return null;
    }
    const part = partOf(token);
    if (spec[part] !== undefined) {
      const hint = part === 'name' ? 'separate names with a comma: A100,H100' : `write GPUs as ${EXAMPLES}`;
      refuse(ctx, `${describe(written)} has two ${PARTS[part]}`, hint);
      return null;
    }
    spec[part] = token;
  }
  return spec;
}

/** A name starts with a letter and a size has a unit; a bare number is a count. */
function partOf(token: string): keyof Parts {
  if (vendorNamed(token) !== null) return 'vendor';
  if (/^\p{L}/u.test(token)) return 'name';
  return /\p{L}/u.test(token) ? 'memory' : 'count';
}

function vendorNamed(written: string): GpuSpec['vendor'] {
  const lower = written.toLowerCase();
  return (
    gpuVendors.find((known) => known === lower) ??
    (Object.hasOwn(ALIASES, lower) ? (ALIASES[lower] ?? null) : null)
  );
}
