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
  readonly what: () => Promise<void> | void;
}

export function virtualClock(start: Instant, seed: number): VirtualClock {
  let [now, drawn, random] = [start, 0, seed >>> 0];
  const tasks: Timer[] = [];
  const pauses: Timer[] = [];
  const add = (timers: Timer[], when: Instant, what: Timer['what']) =>
    timers.splice(timers.findLastIndex((timer) => timer.when <= when) + 1, 0, { when, what });
  const moveTo = (when: Instant) => {
    now = Math.max(now, when);
  };
  return {
    now: () => now,
    moveTo,
    at: (when, what) => add(tasks, when, what),
    nextAt: () => tasks[0]?.when,
    async doNext() {
      const next = tasks[0];
      if (next === undefined || next.when > now) return false;
      tasks.shift();
      await next.what();
      return true;
    },
    pause: (milliseconds) =>
      new Promise((resolve) => {
        add(pauses, now + milliseconds, resolve);
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
        const timer = pending ? pauses.shift() : undefined;
        if (timer === undefined) continue;
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
