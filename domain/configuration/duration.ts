import * as z from 'zod';
import { describe } from './describe.ts';
import { mustBe, type Refusals, refuse } from './problem.ts';

const SECONDS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
const TEN_YEARS = 3650 * 86_400;
const HINT = 'write seconds, or one number with a unit (s, m, h, d, w), such as 30, 90m or 2h';
const OFF_HINT = `${HINT}; or \`off\``;

const scalar = z.union([z.string(), z.number(), z.boolean()], {
  error: mustBe('a duration such as 90m or 2h'),
});

/** Seconds: `30`, `90m`, `2h`, `1d`, `1w`. A negative number passes: what it means is the field's business. */
export const duration = scalar.transform((written, ctx) => seconds(written, ctx, HINT)).pipe(z.number());

/** Seconds, `off` (no limit), or `null` (unsaid; `true` is the same). */
export const offableDuration = scalar
  .nullish()
  .transform((written, ctx) => {
    if (written === 'off' || written === false) return 'off' as const;
    if (written === true || written === null || written === undefined) return null;
    const read = seconds(written, ctx, OFF_HINT);
    return read < 0 ? refuse(ctx, `${describe(written)} is negative`, OFF_HINT) : read;
  })
  .pipe(z.union([z.literal('off'), z.number()]).nullable());

/** Seconds, -1 (never; `off` is the same), or `null` (unsaid; `true` is the same). */
export const idleDuration = scalar
  .nullish()
  .transform((written, ctx) => {
    if (written === 'off' || written === false) return -1;
    if (written === true || written === null || written === undefined) return null;
    const read = seconds(written, ctx, OFF_HINT);
    return read < -1 ? refuse(ctx, `${describe(written)} is negative`, OFF_HINT) : read;
  })
  .pipe(z.number().nullable());

/** Writes seconds back in the largest unit that holds them whole. */
export function formatDuration(total: number): string {
  const unit = ['w', 'd', 'h', 'm'].find((name) => total > 0 && total % (SECONDS[name] ?? 1) === 0) ?? 's';
  return `${total / (SECONDS[unit] ?? 1)}${unit}`;
}

function seconds(written: string | number | boolean, ctx: Refusals, hint: string): number {
  const read = typeof written === 'string' ? parse(written) : Number(written);
  if (read === null) return refuse(ctx, `${describe(written)} is not a duration`, hint);
  if (!Number.isInteger(read))
    return refuse(ctx, `${describe(written)} is not a whole number of seconds`, hint);
  if (read > TEN_YEARS) return refuse(ctx, `${describe(written)} is more than ten years`, hint);
  return read;
}

function parse(text: string): number | null {
  if (/^\s*[-+]?\d+\s*$/.test(text)) return Number(text);
  const match = /^(\d+) *([smhdw])$/.exec(text);
  return match === null ? null : Number(match[1]) * (SECONDS[match[2] ?? ''] ?? 0);
}
