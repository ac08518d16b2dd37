import * as z from 'zod';
import { describe } from './describe.ts';
import { type CpuSpec, cpuSpec } from './normalized.ts';
import { mustBe, type Refusals, readBy, refuse } from './problem.ts';
import { countRange } from './range.ts';

export const DEFAULT_CPU: CpuSpec = { arch: null, count: { min: 2, max: null } };

const EXAMPLES = '4, 4..8, x86:4 or arm:8..';

const arch = z
  .string({ error: mustBe('`x86` or `arm`') })
  .transform((written, ctx) => {
    const name = written.toLowerCase();
    if (name === 'x86' || name === 'arm') return name;
    const known = { amd64: 'x86', x86_64: 'x86', arm64: 'arm', aarch64: 'arm' }[name];
    return refuse(
      ctx,
      `${describe(written)} is not a CPU architecture`,
      `write ${known ?? '`x86` or `arm`'}`,
    );
  })
  .nullish()
  .transform((value) => value ?? null);

const fields = z.strictObject({
  arch,
  count: countRange.nullish().transform((value) => value ?? DEFAULT_CPU.count),
});
export const CPU_FIELDS = Object.keys(fields.shape);

/** Architecture and count, in any order: `8`, `2..8`, `arm`, `arm:8..`, or `{arch, count}`. */
export const cpu = z
  .union([z.string(), z.number(), z.looseObject({})], { error: mustBe(`CPUs such as ${EXAMPLES}`) })
  .transform((written, ctx): CpuSpec => {
    if (typeof written !== 'object') {
      const spec = tokens(String(written), ctx);
      return spec === null ? z.NEVER : readBy(fields, spec, ctx, 'here');
    }
    const isRange = Object.keys(written).sort().join() === 'max,min';
    return readBy(fields, isRange ? { count: written } : written, ctx, isRange ? 'here' : 'inside');
  })
  .pipe(cpuSpec);

type Parts = { arch?: string; count?: string };

function tokens(written: string, ctx: Refusals): Parts | null {
  const spec: Parts = {};
  for (const token of written.replaceAll(' ', '').split(':')) {
    const part = /^[-.\d]/.test(token) ? 'count' : 'arch';
    if (token === '') {
      refuse(ctx, `${describe(written)} has an empty part`, `write CPUs as ${EXAMPLES}`);
      return null;
    }
    if (spec[part] !== undefined) {
      const what = part === 'count' ? 'two counts' : 'two architectures';
      refuse(ctx, `${describe(written)} names ${what}`, `write CPUs as ${EXAMPLES}`);
      return null;
    }
    spec[part] = token;
  }
  return spec;
}
