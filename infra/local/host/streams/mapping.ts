import type { Writes } from '../../dynamodb/writes.ts';
import type { LambdaFunction } from '../functions/invoke.ts';
import type { LogSink } from '../functions/log-sink.ts';
import { pause } from '../pause.ts';
import type { StreamMapping } from '../service/deployment.ts';
import type { Timings } from '../timings.ts';
import { toldOnce } from '../trouble.ts';
import { type GivenUp, processBatch } from './batch.ts';
import { type Checkpoints, createProgress } from './checkpoints.ts';
import { streamFailureDocument } from './dead-letter.ts';
import { distort, type StreamFaults } from './faults.ts';
import { createLane, type Lane, laneOf } from './lane.ts';
import { type Position, type Read, readStream } from './read-stream.ts';
import type { StreamRecord, StreamsApi } from './streams-api.ts';

export type MappingPorts = {
  api: StreamsApi;
  target: LambdaFunction;
  checkpoints: Checkpoints;
  /** Leaves a document at an on-failure destination (an SQS ARN). */
  deadLetter: (arn: string, document: object) => void;
  faults: StreamFaults;
  timings: Timings;
  region: string;
  log: LogSink;
  /** `null`: nobody says when a table is written to. */
  writes: Writes | null;
};

export type RunningMapping = {
  /** Records read and not yet done. */
  underWay(): number;
  /** Stops reading, lets the invocations under way end, and leaves the rest to the next start. */
  close(): Promise<void>;
};

/** Reading on would only fill the memory; Lambda's pollers stop as well while batches fail. */
const MOST_UNDER_WAY = 10_000;

/**
 * An event source mapping on a table's stream: filter, lanes by item, batches, retries, dead letters, and a
 * durable checkpoint. Every record is delivered at least once, in order within its item.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
 */
export async function runMapping(mapping: StreamMapping, ports: MappingPorts): Promise<RunningMapping> {
  const stop = new AbortController();
  const { signal } = stop;
  const { streamArn } = await ports.api.describeTable(mapping.table);
  const trouble = toldOnce();
  const progress = createProgress(save);
  const lanes = Array.from({ length: mapping.lanes }, createLane);

  let shard = '';

  /** Without room the records since the last checkpoint are repeated by the next start; a later one makes up for it. */
  function save(position: Position): 'saved' | 'no room' {
    try {
      ports.checkpoints.save(mapping.id, mapping.table, streamArn, position);
      trouble.over();
      return 'saved';
    } catch (error) {
      trouble.say(`how far ${mapping.function} has come in its stream is not kept`, error);
      return 'no room';
    }
  }

  function accept({ shardId, records }: Read): void {
    shard = shardId;
    const deliveries = new Map<StreamRecord, () => void>();
    for (const record of records) {
      const done = progress.begin({ shardId, sequence: record.dynamodb.SequenceNumber });
      if (mapping.filters.length > 0 && !mapping.filters.some((matches) => matches(record))) done();
      else deliveries.set(record, done);
    }
    for (const { record, times } of distort([...deliveries.keys()], ports.faults)) {
      const done = deliveries.get(record) ?? (() => {});
      if (times === 0) done();
      const lane = lanes[laneOf(record, lanes.length)];
      for (let copy = 0; copy < times; copy++)
        lane?.push({ record, done: copy === times - 1 ? done : () => {} });
    }
  }

  async function read(): Promise<void> {
    const after = ports.checkpoints.load(mapping.id, streamArn);
    let skipping = after === null && mapping.start === 'LATEST';
    const { api, timings, writes } = ports;
    const onOutage = (error: unknown) =>
      ports.log.write(mapping.function, `the stream ${streamArn}: ${String(error)}`);
    for await (const one of readStream({ api, streamArn, after, timings, writes, signal, onOutage })) {
      if (skipping) {
        // LATEST means "from the first start on": said to the checkpoint, so that it stays the first one.
        const sequence = one.records.at(-1)?.dynamodb.SequenceNumber ?? '0';
        skipping = one.records.length > 0;
        if (skipping || ports.checkpoints.load(mapping.id, streamArn) === null)
          // Until it is: a start that found none would skip what came meanwhile.
          while (save({ shardId: one.shardId, sequence }) === 'no room' && !signal.aborted) await backOff(1);
        continue;
      }
      if (one.records.length > 0 && ports.faults.delayMs > 0) await pause(ports.faults.delayMs, signal);
      accept(one);
      while (progress.size() > MOST_UNDER_WAY && !signal.aborted) await pause(ports.timings.pollMs, signal);
    }
  }

  async function work(lane: Lane): Promise<void> {
    while (!signal.aborted) {
      const items = await lane.take(mapping.batchSize, mapping.batchWindowSeconds * 1000, signal);
      const left = new Map(items.map(({ record, done }) => [record, done]));
      for (let tries = 1; left.size > 0 && !signal.aborted; tries++) {
        try {
          await deliver(
            items.flatMap(({ record }) => (left.has(record) ? [record] : [])),
            left,
          );
        } catch (error) {
          // A dead letter found no room, say: its records are not done before it is there.
          trouble.say(`records are brought to ${mapping.function} again`, error);
          await backOff(tries);
        }
      }
    }
  }

  /** Takes out of `left` what needs no more. */
  async function deliver(batch: readonly StreamRecord[], left: Map<StreamRecord, () => void>): Promise<void> {
    const event = (records: readonly StreamRecord[]) => ({
      Records: records.map((record) => ({
        ...record,
        eventSource: 'aws:dynamodb',
        awsRegion: ports.region,
        eventSourceARN: streamArn,
      })),
    });
    await processBatch(
      batch,
      mapping,
      {
        invoke: (records) => ports.target.invoke(event(records), 'wait'),
        done: (records) =>
          records.forEach((record) => {
            left.get(record)?.();
            left.delete(record);
          }),
        giveUp,
        backOff,
        now: Date.now,
      },
      signal,
    );
  }

  function giveUp(letter: GivenUp): void {
    const where = { functionArn: ports.target.definition.arn, streamArn, shardId: shard };
    const document = streamFailureDocument(letter, where, new Date());
    ports.log.write(mapping.function, `gave up on records: ${JSON.stringify(document)}`);
    if (mapping.onFailureArn) ports.deadLetter(mapping.onFailureArn, document);
  }

  function backOff(retry: number): Promise<void> {
    return pause(Math.min(ports.timings.retryMs * 2 ** (retry - 1), ports.timings.retryLimitMs), signal);
  }

  const running = Promise.all([read(), ...lanes.map(work)]);
  return {
    underWay: progress.size,
    async close() {
      stop.abort();
      await running;
    },
  };
}
