import { createHash, randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { Runtime } from '../domain/kernel/runtime.ts';
import { ulids } from './ulid.ts';

/** The machine's clock and its source of chance. */
export const systemRuntime = (): Runtime => ({
  now: Date.now,
  pause: (milliseconds) => setTimeout(milliseconds, undefined),
  random: Math.random,
  ulid: ulids(Date.now, randomBytes),
  secret() {
    const value = randomBytes(32).toString('base64url');
    return { value, sha256: createHash('sha256').update(value).digest('hex') };
  },
});
