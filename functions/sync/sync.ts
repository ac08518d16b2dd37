import type { Pool } from '../../domain/coordination/live-instances.ts';
import type { Instant } from '../../domain/kernel/instant.ts';
import type { Reactive } from '../react/ports.ts';
import { keepInTouch } from './keep-in-touch.ts';
import { meetDeadlines } from './meet-deadlines.ts';
import { poolsOnce } from './pools.ts';
import { reconcile } from './reconcile.ts';
import { sweepGroups } from './sweep-groups.ts';
import { sweepSeals } from './sweep-seals.ts';

export interface PartFailure {
  readonly part: string;
  readonly error: unknown;
}

/**
 * Makes the record and the world agree: instances both ways, contact with idle ones, and everything whose time has
 * come, until `deadline`, which is asked anew each time: the function may be told to end. One part's outage does not keep the others from their work.
 * `tell` hears how it was at the start, from the same reads.
 */
export async function sync(
  on: Reactive,
  deadline: () => Instant,
  tell: (pools: Pool) => Promise<void> = async () => {},
): Promise<PartFailure[]> {
  const failures: PartFailure[] = [];
  const attempt = async (part: string, work: Promise<readonly unknown[]>) => {
    try {
      for (const error of await work) failures.push({ part, error });
    } catch (error) {
      failures.push({ part, error });
    }
  };
  const pools = poolsOnce(on);
  await Promise.all([
    attempt('reconcile', reconcile(on, pools)),
    attempt('sweep-groups', sweepGroups(on)),
    attempt('sweep-seals', sweepSeals(on)),
    attempt('keep-in-touch', keepInTouch(on, pools)),
    attempt(
      'metrics',
      tell(pools).then(() => []),
    ),
    attempt('meet-deadlines', meetDeadlines(on, deadline)),
  ]);
  return failures;
}
