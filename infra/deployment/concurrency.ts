import type { Concurrency } from './account.ts';

/** A key of concurrency.yml. */
export type Share = 'small' | 'shared' | 'reserved';

// Lambda refuses a reservation that leaves less than 100; react and publish, 12 a shard, come out of what is left.
const ENOUGH_TO_RESERVE = 300;
const SMALL = 100;

/** What a deployment may take of the account. `ours`: what its API has reserved already, so that an update decides the same. */
export function shareOf({ limit, unreserved }: Concurrency, ours: number): Share {
  if (limit < SMALL) return 'small';
  return unreserved + ours >= ENOUGH_TO_RESERVE ? 'reserved' : 'shared';
}
