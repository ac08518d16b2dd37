import { runOf } from '../kernel/ids.ts';
import { MINUTE } from '../kernel/instant.ts';
import type { RunState } from '../run/state.ts';
import type { Waiting } from './schedule.ts';

/** The jobs of a run of several nodes that wait for their places, and where the others have theirs. */
export type Members =
  | {
      readonly kind: 'complete';
      readonly waiting: readonly Waiting[];
      /** null: none has one. */
      readonly zone: string | null;
      readonly nodes: number;
    }
  /** Some are neither: of a round that is not over, or not to be seen yet. */
  | { readonly kind: 'incomplete' };

export function membersOf(run: RunState | undefined, queue: readonly Waiting[]): Members {
  if (run?.gang?.phase.kind !== 'gathering') return { kind: 'incomplete' };
  const waiting = queue.filter(({ id }) => runOf(id) === run.id);
  const placed = run.jobs.filter(({ status }) => status === 'provisioning' || status === 'pulling');
  return waiting.length + placed.length === run.jobs.length
    ? { kind: 'complete', waiting, zone: placed[0]?.offer?.zone ?? null, nodes: run.jobs.length }
    : { kind: 'incomplete' };
}

const PATIENCE = 10 * MINUTE;

/**
 * Whether what becomes free is kept for a run of several nodes, which waits for all of its places at once: those
 * behind it would else take each as it comes. For 10 minutes they may, then it is kept for 10; again they may for 10, and it is
 * kept for 20, then for 40: so each gets its turn as long as jobs end, and nobody is held up for ever.
 */
export function isKept(waited: number): boolean {
  let left = waited;
  for (let kept = PATIENCE; left >= PATIENCE; kept *= 2) {
    left -= PATIENCE;
    if (left < kept) return true;
    left -= kept;
  }
  return false;
}
