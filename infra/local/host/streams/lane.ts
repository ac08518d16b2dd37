import type { StreamRecord } from './streams-api.ts';

export type Queued = { record: StreamRecord; done: () => void };

export type Lane = {
  push(item: Queued): void;
  /** Up to `limit` records, as soon as there is one and `windowMs` has gone by since, or the batch is full. Empty at the end. */
  take(limit: number, windowMs: number, signal: AbortSignal): Promise<Queued[]>;
};

/** Records of the same partition key wait in the same lane, in their order; a lane's batches run one after another. */
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

/** The lane of a partition key: FNV-1a over its JSON, so that a restart keeps the same lanes. */
export function laneOf(record: StreamRecord, partitionKey: string, lanes: number): number {
  if (lanes === 1) return 0;
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(JSON.stringify(record.dynamodb.Keys[partitionKey]))) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return hash % lanes;
}
