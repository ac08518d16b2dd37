import type { DynamoDBRecord } from 'aws-lambda';
import type { StreamRef } from '../../domain/kernel/stream.ts';
import { refOf } from '../../domain/streams.ts';

export interface Doorbell {
  readonly stream: StreamRef;
  /** The sequence number of its first record here: Lambda resumes from it. */
  readonly first: string;
}

/** Which streams have moved. Several records of one stream are one doorbell; an alias rings none. */
export function doorbells(records: readonly DynamoDBRecord[]): Doorbell[] {
  const rung = new Map<string, Doorbell>();
  for (const { dynamodb } of records) {
    const key = dynamodb?.Keys?.['pk']?.S ?? '';
    const stream = refOf(key);
    if (stream !== undefined && !rung.has(key))
      rung.set(key, { stream, first: dynamodb?.SequenceNumber ?? '' });
  }
  return [...rung.values()];
}
