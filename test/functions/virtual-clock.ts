import type { Instant } from '../../domain/kernel/instant.ts';
import type { Runtime } from '../../domain/kernel/runtime.ts';
import { sha256 } from './sha256.ts';

/** Time that passes only when told to, and chance that comes from a seed. */
export interface VirtualClock extends Runtime {
  /** Does this then, in the order of time. */
  at(when: Instant, what: () => Promise<void> | void): void;
  nextAt(): Instant | undefined;
  /** Moves to this instant, or stays where it is if that is past. */
  moveTo(when: Instant): void;
  /** Does the first thing that is due; `false`: nothing is. */
  doNext(): Promise<boolean>;
  /** Sees a process to its end: whatever pauses in it passes at once, in order. */
  settle<T>(work: Promise<T>): Promise<T>;
}

interface Timer {
  readonly when: Instant;
  readonly order: number;
  readonly what: () => Promise<void> | void;
}

export function virtualClock(start: Instant, seed: number): VirtualClock {
  let [now, order, drawn, random] = [start, 0, 0, seed >>> 0];
  const tasks: Timer[] = [];
  const pauses: Timer[] = [];
  const first = (timers: readonly Timer[]): Timer | undefined =>
    timers.toSorted((a, b) => a.when - b.when || a.order - b.order)[0];
  const take = (timers: Timer[], timer: Timer) => timers.splice(timers.indexOf(timer), 1);
  const moveTo = (when: Instant) => {
    now = Math.max(now, when);
  };
  return {
    now: () => now,
    moveTo,
    at: (when, what) => tasks.push({ when, order: order++, what }),
    nextAt: () => first(tasks)?.when,
    async doNext() {
      const next = first(tasks);
      if (next === undefined || next.when > now) return false;
      take(tasks, next);
      await next.what();
      return true;
    },
    pause: (milliseconds) =>
      new Promise((resolve) => {
        pauses.push({ when: now + milliseconds, order: order++, what: resolve });
      }),
    async settle(work) {
      let pending = true;
      const ended = () => {
        pending = false;
      };
      work.then(ended, ended);
      while (pending) {
        // All ports are in memory: one turn of the event loop and everybody who can go on has done so.
        await new Promise((turn) => setImmediate(turn));
        const timer = pending ? first(pauses) : undefined;
        if (timer === undefined) continue;
        take(pauses, timer);
        moveTo(timer.when);
        await timer.what();
      }
      return work;
    },
    // mulberry32: small, even enough for tests, and the same everywhere.
    random() {
      random = (random + 0x6d2b79f5) | 0;
      let mixed = Math.imul(random ^ (random >>> 15), 1 | random);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
    },
    ulid: () => `01k9zv8q4m3x7r2t5w${String(++drawn).padStart(8, '0')}`,
    secret() {
      const value = `secret-${++drawn}`;
      return { value, sha256: sha256(value) };
    },
  };
}
