import { setTimeout as pause } from 'node:timers/promises';

/** Waits for a condition, however long it takes: the test's own time limit ends it. */
export async function until<T>(
  look: () => T | Promise<T>,
): Promise<Exclude<T, undefined | null | false | ''>> {
  for (;;) {
    const seen = await look();
    if (seen) return seen as Exclude<T, undefined | null | false | ''>;
    await pause(3);
  }
}
