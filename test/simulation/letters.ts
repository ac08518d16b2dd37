import type { Instant } from '../../domain/kernel/instant.ts';
import type { Observation } from '../../functions/observe/observation.ts';
import { streamFailureDocument } from '../../infra/local/host/streams/dead-letter.ts';

/** What Lambda leaves of records that `react` could not handle. */
export const unansweredDoorbells = (records: number, now: Instant): string => {
  const record = (sequence: number) => ({
    ...{ eventID: `${sequence}`, eventName: 'INSERT' as const },
    dynamodb: { Keys: {}, SequenceNumber: `${sequence}`, ApproximateCreationDateTime: now / 1_000 },
  });
  const where = {
    functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:sortie-test-react',
    streamArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/sortie-test/stream/1',
    shardId: 'shardId-1',
  };
  const letter = {
    ...{ condition: 'RetryAttemptsExhausted' as const, requestId: 'request', invocations: 3 },
    records: Array.from({ length: records }, (_, index) => record(100 + index)),
  };
  return JSON.stringify(streamFailureDocument(letter, where, new Date(now)));
};

/** What EventBridge leaves of an event that `observe` could not record. */
export const unrecordedObservation = (id: string, event: Observation): string =>
  JSON.stringify({ ...event, id, version: '0', source: 'aws.ec2' });
