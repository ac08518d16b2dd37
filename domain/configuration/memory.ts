import * as z from 'zod';
import { describe } from './describe.ts';
import { mustBe, refuse } from './problem.ts';

const GIGABYTES = { mb: 1 / 1024, gb: 1, tb: 1024 } as const;
const HINT = 'write a number of gigabytes, or a size such as 512MB, 16GB or 1TB';

/** A size, in gigabytes: `16`, `16GB`, `512MB`, `1.5TB`. */
export const memory = z
  .union([z.string(), z.number()], { error: mustBe('a size such as 16GB') })
  .transform((written, ctx) => {
    const gigabytes = typeof written === 'number' ? written : parse(written);
    if (gigabytes === null || !Number.isFinite(gigabytes)) {
      return refuse(ctx, `${describe(written)} is not a size`, HINT);
    }
    if (gigabytes < 0) return refuse(ctx, `${describe(written)} is negative`, HINT);
    return gigabytes;
  })
  .pipe(z.number());

export function formatMemory(gigabytes: number): string {
  if (gigabytes !== 0 && gigabytes < 1) return `${gigabytes * 1024}MB`;
  return `${gigabytes}GB`;
}

function parse(text: string): number | null {
  const match = /^(?<amount>-?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)(?<unit>[mgt]b)?$/.exec(
    text.replaceAll(' ', '').toLowerCase(),
  );
  if (match?.groups === undefined) return null;
  const unit = (match.groups.unit ?? 'gb') as keyof typeof GIGABYTES;
  return Number(match.groups.amount) * GIGABYTES[unit];
}
