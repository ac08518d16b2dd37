import { createHash, randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { SECOND } from '../domain/kernel/instant.ts';
import type { Runtime } from '../domain/kernel/runtime.ts';
import type { Clock } from './clock.ts';
import { ulids } from './ulid.ts';

/**
 * The machine's clock and its source of chance. A fast clock shortens pauses, but for those of up to a second: they are for
 * the pace of the machine, which it does not quicken. Rivals for one append that wait a 20th of their jitter only meet again.
 */
export function systemRuntime({ now, rate }: Clock = { now: Date.now, rate: 1 }): Runtime {
  return {
    now,
    pause: (milliseconds) =>
      setTimeout(milliseconds <= SECOND ? milliseconds : milliseconds / rate, undefined),
    random: Math.random,
    ulid: ulids(now, randomBytes),
    secret() {
      const value = randomBytes(32).toString('base64url');
      return { value, sha256: createHash('sha256').update(value).digest('hex') };
    },
  };
}
