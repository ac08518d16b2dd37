import * as z from 'zod';
import { MOST_INSTANCES } from '../../domain/configuration/most-instances.ts';
import { type ImageKind, imageKinds } from '../../domain/planning/image.ts';

// What each variable holds (docs/contracts.md). A function's own schema picks those that it reads.

export const text = z.string().min(1);
export const count = z.coerce.number().int().positive();
export const fleetInstances = count.max(MOST_INSTANCES);
export const rate = z.coerce.number().positive();
export const factor = z.coerce.number().min(1);

/** `a=1,b=2`; empty: nothing. */
export const pairs = z.string().transform((value) =>
  Object.fromEntries(
    value
      .split(',')
      .filter((pair) => pair.includes('='))
      .map(
        (pair) =>
          [pair.slice(0, pair.indexOf('=')).trim(), pair.slice(pair.indexOf('=') + 1).trim()] as const,
      ),
  ),
);

/** AMIs by what they are for: `x86_64=ami-…,nvidia=resolve:ssm:…`. */
export const images = pairs.transform((value, ctx) => {
  const isKind = (name: string): name is ImageKind => (imageKinds as readonly string[]).includes(name);
  const known = new Map<ImageKind, string>();
  for (const [name, image] of Object.entries(value))
    if (isKind(name)) known.set(name, image);
    else ctx.addIssue({ code: 'custom', message: `"${name}" is none of ${imageKinds.join(', ')}` });
  return known;
});

export const yesOrNo = z.enum(['yes', 'no']);

// SHA-256 of nothing: with it among the hashes, a request without a token would be somebody's.
const HASH_OF_NOTHING = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** `name:sha256hex,…` */
export const tokens = z.string().transform((value, ctx) =>
  value
    .split(',')
    .filter((one) => one !== '')
    .map((one) => {
      const [user = '', sha256 = ''] = one.split(':');
      if (!/^[\w.@-]+$/.test(user) || !/^[0-9a-f]{64}$/.test(sha256))
        ctx.addIssue({ code: 'custom', message: 'must be name:sha256-in-hex, separated by commas' });
      if (sha256 === HASH_OF_NOTHING)
        ctx.addIssue({
          code: 'custom',
          message: `has the hash of an empty token for ${user}; make one: sortie token ${user}`,
        });
      return { user, sha256 };
    }),
);
