import type { GivenUp } from './batch.ts';

/**
 * The document that Lambda leaves at a stream's on-failure destination: where the records are, not the records.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
 */
export function streamFailureDocument(
  letter: GivenUp,
  where: { functionArn: string; streamArn: string; shardId: string },
  now: Date,
): object {
  const [first, last] = [letter.records[0], letter.records.at(-1)];
  const arrival = (seconds: number | undefined) =>
    new Date((seconds ?? 0) * 1000).toISOString().replace('.000Z', 'Z');
  return {
    requestContext: {
      requestId: letter.requestId,
      functionArn: where.functionArn,
      condition: letter.condition,
      approximateInvokeCount: letter.invocations,
    },
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    version: '1.0',
    timestamp: now.toISOString(),
    DDBStreamBatchInfo: {
      shardId: where.shardId,
      startSequenceNumber: first?.dynamodb.SequenceNumber,
      endSequenceNumber: last?.dynamodb.SequenceNumber,
      approximateArrivalOfFirstRecord: arrival(first?.dynamodb.ApproximateCreationDateTime),
      approximateArrivalOfLastRecord: arrival(last?.dynamodb.ApproximateCreationDateTime),
      batchSize: letter.records.length,
      streamArn: where.streamArn,
    },
  };
}
