import type { Writes } from '../../dynamodb/writes.ts';
import { pause } from '../pause.ts';
import type { Timings } from '../timings.ts';
import { type Shard, type StreamRecord, type StreamsApi, StreamsApiError } from './streams-api.ts';

export type Position = { shardId: string; sequence: string };
export type Read = { shardId: string; records: StreamRecord[] };

/** Without an answer from the engine: it may be starting again after a crash. */
const OUTAGE_WAIT_MS = 200;

/**
 * Every read of a stream from `after` on (from the oldest record when null), shard after shard, until `signal` says
 * stop; reads without records are yielded too. The engine here keeps one shard; DynamoDB Local closes a shard after
 * hours and goes on in its child. Outages are waited for, and reported once each to `onOutage`.
 */
export async function* readStream(options: {
  api: StreamsApi;
  streamArn: string;
  after: Position | null;
  timings: Pick<Timings, 'pollMs' | 'busyPollMs' | 'backstopMs'>;
  /** Wakes the reading; `null`: it asks again after `pollMs`. */
  writes: Writes | null;
  signal: AbortSignal;
  onOutage: (error: unknown) => void;
}): AsyncGenerator<Read> {
  const { api, streamArn, timings, writes, signal, onOutage } = options;
  let after = options.after;
  let shardId = after?.shardId ?? null;
  let iterator: string | null = null;
  let lastRecordAt = 0;
  let outage = false;
  while (!signal.aborted) {
    try {
      shardId ??= firstShard(await api.shards(streamArn));
      if (shardId === null) {
        await pause(timings.pollMs, signal);
        continue;
      }
      const inShard = after?.shardId === shardId ? after : null;
      iterator ??= await api.iterator(
        streamArn,
        shardId,
        inShard ? { after: inShard.sequence } : 'TRIM_HORIZON',
      );
      const known = writes?.count() ?? 0;
      const { records, next } = await api.records(iterator);
      outage = false;
      const last = records.at(-1);
      if (last) {
        after = { shardId, sequence: last.dynamodb.SequenceNumber };
        lastRecordAt = Date.now();
      }
      yield { shardId, records };
      iterator = next;
      if (next === null) {
        shardId = childOf(shardId, await api.shards(streamArn)) ?? shardId;
      }
      if (!last) {
        const quiet = Date.now() - lastRecordAt > 1_000;
        if (writes !== null) await writes.next(known, timings.backstopMs, signal);
        else await pause(quiet ? timings.pollMs : timings.busyPollMs, signal);
      }
    } catch (error) {
      iterator = null;
      if (error instanceof StreamsApiError && error.name === 'TrimmedDataAccessException') after = null;
      if (!outage && !signal.aborted) onOutage(error);
      outage = true;
      await pause(OUTAGE_WAIT_MS, signal);
    }
  }
}

const firstShard = (shards: readonly Shard[]): string | null => {
  const known = new Set(shards.map(({ ShardId }) => ShardId));
  const roots = shards.filter(({ ParentShardId }) => !ParentShardId || !known.has(ParentShardId));
  return (roots[0] ?? shards[0])?.ShardId ?? null;
};

const childOf = (parent: string, shards: readonly Shard[]): string | null =>
  shards.find(({ ParentShardId }) => ParentShardId === parent)?.ShardId ?? null;
