import type { Instant } from '../../domain/kernel/instant.ts';
import type { Runtime } from '../../domain/kernel/runtime.ts';
import { sha256 } from '../functions/sha256.ts';
import { randomOf } from './random.ts';

/** Virtual time as a queue of what happens: processes run side by side, and meet in an order that the seed decides. */
export interface Timeline extends Runtime {
  at(when: Instant, what: () => unknown): void;
  /** Resolves after so many milliseconds. */
  after(milliseconds: number): Promise<void>;
  nextAt(): Instant | undefined;
  /** What comes next happens, with all that follows from it at once. */
  step(): Promise<void>;
}

interface Happening {
  readonly when: Instant;
  readonly number: number;
  readonly what: () => unknown;
}

/** `failed` hears of whatever happens and throws. */
export function timeline(start: Instant, seed: number, failed: (error: unknown) => void): Timeline {
  let [now, added, drawn] = [start, 0, 0];
  const random = randomOf(seed, 'runtime');
  const heap: Happening[] = [];
  const before = (a: Happening, b: Happening) => a.when - b.when || a.number - b.number;
  const at = (when: Instant, what: () => unknown) => {
    push(heap, { when: Math.max(Math.ceil(when), now), number: added++, what }, before);
  };
  const after = (milliseconds: number) =>
    new Promise<void>((resolve) => {
      at(now + milliseconds, resolve);
    });
  return {
    ...{ at, after, random },
    now: () => now,
    pause: after,
    nextAt: () => heap[0]?.when,
    async step() {
      const next = pop(heap, before);
      if (next === undefined) return;
      now = next.when;
      const done = next.what();
      if (done instanceof Promise) done.catch(failed);
      // All ports are in memory: one turn of the event loop, and everybody who can go on has done so.
      await new Promise((turn) => setImmediate(turn));
    },
    ulid: () => `01k9zv8q4m3x7r2t5w${String(++drawn).padStart(8, '0')}`,
    secret() {
      const value = `secret-${++drawn}-of-seed-${seed}`;
      return { value, sha256: sha256(value) };
    },
  };
}

type Order<T> = (a: T, b: T) => number;

function push<T>(heap: T[], item: T, order: Order<T>): void {
  let at = heap.length;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent] as T;
    if (order(above, item) <= 0) break;
    heap[at] = above;
    at = parent;
  }
  heap[at] = item;
}

function pop<T>(heap: T[], order: Order<T>): T | undefined {
  const first = heap[0];
  const item = heap.pop();
  if (item === undefined || heap.length === 0) return first;
  let at = 0;
  for (;;) {
    const left = 2 * at + 1;
    if (left >= heap.length) break;
    const right = left + 1;
    const child = right < heap.length && order(heap[right] as T, heap[left] as T) < 0 ? right : left;
    if (order(item, heap[child] as T) <= 0) break;
    heap[at] = heap[child] as T;
    at = child;
  }
  heap[at] = item;
  return first;
}
