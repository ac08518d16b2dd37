import type { Waits } from './verdict.ts';

/**
 * What jobs of higher priority wait for, and what is kept for them: their quotas' next room, and a place under the
 * fleet's limit for each thing that is waited for, since what is short comes back one by one. Those of one priority
 * keep nothing from each other: the one behind may use what the one before it cannot.
 */
export interface KeptBack {
  /** For those of higher priority than whose turn it is. */
  readonly now: Kept;
  /** For those of its own as well: as soon as a lower one has its turn. */
  readonly next: Kept;
  readonly priority: number;
}

interface Kept {
  /** A place for each reason why somebody waits. */
  readonly reasons: ReadonlySet<string>;
  readonly quotas: ReadonlySet<string>;
}

const nothing: Kept = { reasons: new Set(), quotas: new Set() };

export const NOTHING_KEPT: KeptBack = { now: nothing, next: nothing, priority: Number.POSITIVE_INFINITY };

/** The same if nothing more is kept than before. */
export function keptAt(kept: KeptBack, priority: number): KeptBack {
  return kept.priority === priority ? kept : { now: kept.next, next: kept.next, priority };
}

/** What is kept once somebody waits too. */
export function keptFor(kept: KeptBack, { wait, lacks }: Waits): KeptBack {
  const { reasons, quotas } = kept.next;
  const more = lacks?.of === 'quota' ? lacks.quotas.filter((quota) => !quotas.has(quota)) : [];
  if (reasons.has(wait.message) && more.length === 0) return kept;
  const next = { reasons: new Set([...reasons, wait.message]), quotas: new Set([...quotas, ...more]) };
  return { ...kept, next };
}

/** Quotas are the account's: they are short in an empty fleet, too. */
export const noPlacesKept = (kept: KeptBack): KeptBack => ({
  ...kept,
  now: { ...kept.now, reasons: nothing.reasons },
});
