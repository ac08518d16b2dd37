import { type Instant, SECOND } from '../../domain/kernel/instant.ts';
import type { InQueue } from '../../domain/queue/place.ts';
import type { Api } from './context.ts';
import { queueIn } from './queue.ts';

interface Read {
  readonly at: Instant;
  readonly queue: Promise<readonly InQueue[]>;
}

// Everybody who waits asks after their run every few seconds, and each answer takes the whole queue: read anew for
// each, a crowd of 200 would read 200 × 200 heads. A place that is two seconds old will do.
const KEPT = 2 * SECOND;
const reads = new WeakMap<Api, Map<string, Read>>();

/** A fleet's queue as this process read it a moment ago. */
export function recentQueue(api: Api, fleet: string): Promise<readonly InQueue[]> {
  const known = reads.get(api) ?? new Map<string, Read>();
  reads.set(api, known);
  const now = api.runtime.now();
  const last = known.get(fleet);
  if (last && now - last.at < KEPT) return last.queue;
  const queue = queueIn(api, fleet);
  known.set(fleet, { at: now, queue });
  // An outage is told to those who asked; the next one asks again.
  queue.catch(() => known.delete(fleet));
  return queue;
}
