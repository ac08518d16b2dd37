import type { JobId } from '../kernel/ids.ts';
import { claimsOf, type HeldClaim, type InstanceState } from './state.ts';

// An instance that is lost tells all its jobs and their runs so in one append: DynamoDB takes 100 items in one.
const MOST_CLAIMS = 20;

/** What a job has of an instance. */
export const claimOn = (instance: InstanceState, job: JobId): HeldClaim | undefined =>
  claimsOf(instance).find((claim) => claim.job === job);

/**
 * The blocks that a job can be given now. One that is cut can be claimed on its way up as well: the job starts when it
 * is ready, as the one does that it was launched for.
 */
export function freeBlocks(instance: InstanceState): number[] {
  const { phase, withheld, blocks } = instance;
  switch (phase.kind) {
    case 'requested':
    case 'booting':
    case 'busy':
      if (withheld || blocks === 1 || phase.claims.length >= MOST_CLAIMS) return [];
      break;
    case 'idle':
      if (withheld) return [];
      break;
    case 'draining':
    case 'terminating':
    case 'terminated':
      return [];
  }
  const taken = new Set(claimsOf(instance).flatMap((claim) => claim.blocks));
  return Array.from({ length: blocks }, (_, block) => block).filter((block) => !taken.has(block));
}

export const busyBlocks = (instance: InstanceState): number =>
  claimsOf(instance).reduce((sum, { blocks }) => sum + blocks.length, 0);
