/** The longest delay of setTimeout; a longer one would fire at once. */
const longestMs = 2 ** 31 - 1;

export type Timers = { at(moment: number, ring: () => void): void; close(): void };

/** Alarms that do not keep the process alive, and that end together. Moments are epoch ms. */
export function createTimers(): Timers {
  const pending = new Set<NodeJS.Timeout>();
  const at = (moment: number, ring: () => void) => {
    const delay = Math.max(0, moment - Date.now());
    const timer = setTimeout(
      () => {
        pending.delete(timer);
        if (delay > longestMs) at(moment, ring);
        else ring();
      },
      Math.min(delay, longestMs),
    );
    pending.add(timer.unref());
  };
  return {
    at,
    close: () => {
      for (const timer of pending) clearTimeout(timer);
      pending.clear();
    },
  };
}
