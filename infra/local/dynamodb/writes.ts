import { pause } from '../host/pause.ts';

/** Says when something was written to the embedded DynamoDB, so that nobody has to ask its streams many times a second. */
export interface Writes {
  /** How many there have been: given to `next`, none that came meanwhile is missed. */
  count(): number;
  /** Resolves at the first write after `since`, or after so many milliseconds, or when `signal` is aborted. */
  next(since: number, milliseconds: number, signal: AbortSignal): Promise<void>;
}

export function createWrites(): Writes & { happened(): void } {
  let count = 0;
  const waiting = new Set<() => void>();
  return {
    count: () => count,
    happened() {
      count += 1;
      for (const wake of waiting) wake();
    },
    async next(since, milliseconds, signal) {
      if (count !== since) return;
      const woken = new AbortController();
      const wake = () => woken.abort();
      waiting.add(wake);
      try {
        await pause(milliseconds, AbortSignal.any([signal, woken.signal]));
      } finally {
        waiting.delete(wake);
      }
    },
  };
}
