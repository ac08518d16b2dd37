import * as z from 'zod';
import type { HeldLetter } from './dead-letters.ts';
import { type CommitKey, commitsOf, Unpublished } from './unpublished.ts';

// What AWS leaves in the queue, as far as it is read. Of a stream's batch Lambda says where the records are, not which:
// https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html

const StreamFailure = z.object({
  requestContext: z.object({
    functionArn: z.string(),
    condition: z.string(),
    approximateInvokeCount: z.number(),
  }),
  DDBStreamBatchInfo: z.object({
    shardId: z.string(),
    startSequenceNumber: z.string(),
    endSequenceNumber: z.string(),
    approximateArrivalOfFirstRecord: z.string(),
    approximateArrivalOfLastRecord: z.string(),
    batchSize: z.number(),
  }),
});

/** An event of EC2 or SSM as EventBridge delivers it: what `observe` is invoked with is what its dead letter holds. */
const Observed = z.object({
  id: z.string(),
  'detail-type': z.string(),
  source: z.enum(['aws.ec2', 'aws.ssm']),
  detail: z.looseObject({ 'instance-id': z.string() }),
});

/** What a dead letter is about. */
export type Letter =
  /** Streams moved, and `react` could not do what was next for them. */
  | (FromStream & { readonly kind: 'doorbells' })
  /** Events that `publish` could not put on the bus, by their commits. */
  | {
      readonly kind: 'unpublished';
      readonly commits: readonly CommitKey[];
      readonly error: string;
      readonly recorded: readonly [first: string, last: string];
    }
  /** A place in the stream that `publish` never got to: it did not run. */
  | (FromStream & { readonly kind: 'events' })
  /** What EC2 or SSM said, and `observe` could not record. */
  | {
      readonly kind: 'observation';
      readonly condition: string;
      readonly attempts: number | null;
      readonly about: string;
      readonly event: unknown;
    }
  | { readonly kind: 'unknown' };

interface FromStream {
  readonly condition: string;
  readonly attempts: number;
  readonly records: number;
  readonly shard: string;
  readonly sequences: readonly [first: string, last: string];
  readonly moved: readonly [first: string, last: string];
}

export function readLetter({ body, attributes }: Pick<HeldLetter, 'body' | 'attributes'>): Letter {
  const document = parsed(body);
  const stream = StreamFailure.safeParse(document);
  if (stream.success) return fromStream(stream.data);
  const own = Unpublished.safeParse(document);
  if (own.success) return unpublished(own.data);
  const observed = Observed.safeParse(document);
  if (!observed.success) return { kind: 'unknown' };
  const attempts = Number(attributes['RETRY_ATTEMPTS'] ?? Number.NaN);
  return {
    kind: 'observation',
    // EventBridge says why it gave up; Lambda only what the function threw.
    condition: attributes['EXHAUSTED_RETRY_CONDITION'] ?? attributes['ErrorMessage'] ?? 'RetriesExhausted',
    attempts: Number.isFinite(attempts) ? attempts : null,
    about: `${observed.data['detail-type']} of ${observed.data.detail['instance-id']}`,
    event: document,
  };
}

function unpublished(letter: Unpublished): Letter {
  const commits = commitsOf(letter);
  if (commits === undefined) return { kind: 'unknown' };
  return { kind: 'unpublished', commits, error: letter.error, recorded: [letter.from, letter.to] };
}

function fromStream({ requestContext, DDBStreamBatchInfo: batch }: z.infer<typeof StreamFailure>): Letter {
  const { condition, approximateInvokeCount, functionArn } = requestContext;
  const read = {
    condition,
    attempts: approximateInvokeCount,
    records: batch.batchSize,
    shard: batch.shardId,
    sequences: [batch.startSequenceNumber, batch.endSequenceNumber] as const,
    moved: [batch.approximateArrivalOfFirstRecord, batch.approximateArrivalOfLastRecord] as const,
  };
  // `arn:aws:lambda:<region>:<account>:function:<service>-<stage>-<function>`, and perhaps a version.
  const name = functionArn.split(':')[6] ?? '';
  if (name.endsWith('-react')) return { kind: 'doorbells', ...read };
  return name.endsWith('-publish') ? { kind: 'events', ...read } : { kind: 'unknown' };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON, so nothing that AWS leaves there: somebody's own message. It is shown as unknown.
    return undefined;
  }
}
