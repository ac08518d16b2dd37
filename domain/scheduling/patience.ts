import { MINUTE } from '../kernel/instant.ts';

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
