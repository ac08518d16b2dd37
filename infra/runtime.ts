import { createHash, randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { Runtime } from '../domain/kernel/runtime.ts';
import type { Clock } from './clock.ts';
import { ulids } from './ulid.ts';

/** The machine's clock and its source of chance. */
export function systemRuntime({ now, rate }: Clock = { now: Date.now, rate: 1 }): Runtime {
  return {
    now,
    pause: (milliseconds) => setTimeout(milliseconds / rate, undefined),
    random: Math.random,
    ulid: ulids(now, randomBytes),
    secret() {
      const value = randomBytes(32).toString('base64url');
      return { value, sha256: createHash('sha256').update(value).digest('hex') };
    },
  };
}
