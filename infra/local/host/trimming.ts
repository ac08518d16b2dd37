import type { StreamMapping } from './service/deployment.ts';
import type { Checkpoints } from './streams/checkpoints.ts';
import { toldOnce } from './trouble.ts';

/** Once a second is enough to keep the table of records small, and too seldom to be in anyone's way. */
const EVERY_MS = 1_000;

/** Drops the records that every mapping of a table has behind it. AWS drops them after 24 hours by itself. */
export function startTrimming(options: {
  mappings: readonly StreamMapping[];
  checkpoints: Checkpoints;
  trim: ((table: string, sequence: string) => void) | null;
}): { close(): void } {
  const { mappings, checkpoints, trim } = options;
  if (!trim) return { close: () => {} };
  const tables = new Set(mappings.map(({ table }) => table));
  const last = new Map<string, string>();
  const trouble = toldOnce();
  const alarm = setInterval(() => {
    try {
      for (const table of tables) {
        const ids = mappings.filter((mapping) => mapping.table === table).map(({ id }) => id);
        const reached = checkpoints.lowest(table, ids);
        if (reached === null || last.get(table) === reached) continue;
        trim(table, reached);
        last.set(table, reached);
      }
      trouble.over();
    } catch (error) {
      // A full disk, say. What was not dropped is dropped a second later, or when there is room again.
      trouble.say('handled stream records are not dropped', error);
    }
  }, EVERY_MS);
  return { close: () => clearInterval(alarm) };
}
