import type { StreamRecord } from './streams-api.ts';

export type Queued = { record: StreamRecord; done: () => void };

export type Lane = {
  push(item: Queued): void;
  /** Up to `limit` records, as soon as there is one and `windowMs` has gone by since, or the batch is full. Empty at the end. */
  take(limit: number, windowMs: number, signal: AbortSignal): Promise<Queued[]>;
};

/** Records of the same item wait in the same lane, in their order; a lane's batches run one after another. */
export function createLane(): Lane {
  const items: Queued[] = [];
  let wake: () => void = () => {};

  function until(enough: () => boolean, limitMs: number, signal: AbortSignal): Promise<void> {
    if (enough() || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const alarm = Number.isFinite(limitMs) ? setTimeout(finish, limitMs) : undefined;
      signal.addEventListener('abort', finish, { once: true });
      wake = () => enough() && finish();
      function finish() {
        clearTimeout(alarm);
        signal.removeEventListener('abort', finish);
        wake = () => {};
        resolve();
      }
    });
  }

  return {
    push(item) {
      items.push(item);
      wake();
    },
    async take(limit, windowMs, signal) {
      await until(() => items.length > 0, Number.POSITIVE_INFINITY, signal);
      if (windowMs > 0) await until(() => items.length >= limit, windowMs, signal);
      return signal.aborted ? [] : items.splice(0, limit);
    },
  };
}

/**
 * The lane of an item: FNV-1a over its whole key, so that a restart keeps the same lanes. Items of one partition key may have
 * different ones, as with Lambda's parallelization factor, which keeps the order of each item and no other:
 * https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
 */
export function laneOf(record: StreamRecord, lanes: number): number {
  if (lanes === 1) return 0;
  const key = Object.entries(record.dynamodb.Keys).sort(([a], [b]) => (a < b ? -1 : 1));
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(JSON.stringify(key))) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return hash % lanes;
}
