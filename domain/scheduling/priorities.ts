import type { Waits } from './placing.ts';

/**
 * What jobs of higher priority wait for, and what is kept for them: their quotas' next room, and a place under the
 * fleet's limit for each thing that is waited for, since what is short comes back one by one. Those of one priority
 * keep nothing from each other: the one behind may use what the one before it cannot.
 */
export interface Priorities {
  /** `true`: what is kept is more than for the job before. */
  turnTo(priority: number): boolean;
  waits(verdict: Waits): void;
  places(): number;
  quotas(): ReadonlySet<string>;
}

export function priorities(): Priorities {
  let current: number | undefined;
  let kept: Kept = { reasons: new Set(), quotas: new Set() };
  let next = kept;
  return {
    turnTo(priority) {
      const changes = priority !== current && next !== kept;
      if (priority !== current) kept = next;
      current = priority;
      return changes;
    },
    waits({ wait, lacks }) {
      if (wait.kind === 'busy_instances' || next.reasons.has(wait.message)) return;
      next = {
        reasons: new Set([...next.reasons, wait.message]),
        quotas: new Set([...next.quotas, ...(lacks?.of === 'quota' ? lacks.quotas : [])]),
      };
    },
    places: () => kept.reasons.size,
    quotas: () => kept.quotas,
  };
}

interface Kept {
  readonly reasons: ReadonlySet<string>;
  readonly quotas: ReadonlySet<string>;
}
