import * as z from 'zod';

/** A call of DynamoDB. */
export type Asked = { readonly operation: string; readonly body: string };

/** How DynamoDB is busy. `made`: a fault of the server, after the work was done. */
export type Trouble =
  | { readonly kind: 'error'; readonly code: string; readonly made: 'made' | 'not made' }
  | { readonly kind: 'cancelled'; readonly reason: string }
  | { readonly kind: 'unprocessed' };

const error = (code: string, made: 'made' | 'not made' = 'not made'): Trouble => ({
  kind: 'error',
  code,
  made,
});

// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/CommonErrors.html and the Errors of each operation.
// The SDK waits half a second after a throttle: those that it does not repeat by itself come more often.
const throttles = [
  error('ThrottlingException'),
  error('ProvisionedThroughputExceededException'),
  error('RequestLimitExceeded'),
  error('InternalServerError'),
];
const conflict = error('TransactionConflictException');
const write = [conflict, conflict, conflict, ...throttles];
const troubles: Readonly<Record<string, readonly Trouble[]>> = {
  GetItem: throttles,
  Query: throttles,
  BatchGetItem: [{ kind: 'unprocessed' }, { kind: 'unprocessed' }, ...throttles],
  PutItem: write,
  UpdateItem: write,
  DeleteItem: write,
  TransactWriteItems: [
    { kind: 'cancelled', reason: 'TransactionConflict' },
    { kind: 'cancelled', reason: 'TransactionConflict' },
    { kind: 'cancelled', reason: 'ThrottlingError' },
    { kind: 'cancelled', reason: 'ProvisionedThroughputExceeded' },
    error('InternalServerError', 'made'),
    ...throttles,
  ],
};

/** `chance` from 0 to 1 decides which; undefined: this call has none. */
export function troubleFor(operation: string, chance: number): Trouble | undefined {
  const all = Object.hasOwn(troubles, operation) ? (troubles[operation] ?? []) : [];
  return all[Math.floor(chance * all.length)];
}

const Batch = z.object({
  RequestItems: z.record(z.string(), z.looseObject({ Keys: z.array(z.unknown()) })),
});
const Transaction = z.object({ TransactItems: z.array(z.unknown()) });
const Answered = z.looseObject({ UnprocessedKeys: z.record(z.string(), z.unknown()).optional() });

/** The answer in DynamoDB's own words. `make`: makes a call with this body, and answers with what came back. */
export async function answerTo(
  { body }: Asked,
  trouble: Trouble,
  make: (body: string) => Promise<string>,
): Promise<{ status: number; body: string }> {
  switch (trouble.kind) {
    case 'error':
      if (trouble.made === 'made') await make(body);
      return refusal(trouble.code, words[trouble.code] ?? 'The request was not made.');
    case 'cancelled': {
      const { TransactItems } = Transaction.parse(JSON.parse(body));
      const codes = TransactItems.map((_, index) => (index === 0 ? trouble.reason : 'None'));
      return refusal(
        'TransactionCanceledException',
        `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes.join(', ')}]`,
        { CancellationReasons: codes.map((Code) => ({ Code, ...(Code !== 'None' && { Message: Code }) })) },
      );
    }
    case 'unprocessed': {
      const { RequestItems } = Batch.parse(JSON.parse(body));
      // Half of the keys of each table, and at least one: a call that gets none of its keys is refused.
      const halves = Object.entries(RequestItems).map(([table, asked]) => {
        const middle = Math.ceil(asked.Keys.length / 2);
        return {
          served: [table, { ...asked, Keys: asked.Keys.slice(0, middle) }] as const,
          left:
            asked.Keys.length > middle
              ? ([table, { ...asked, Keys: asked.Keys.slice(middle) }] as const)
              : [],
        };
      });
      const served = Object.fromEntries(halves.map((half) => half.served));
      const answer = Answered.parse(JSON.parse(await make(JSON.stringify({ RequestItems: served }))));
      const left = Object.fromEntries(halves.flatMap((half) => (half.left.length > 0 ? [half.left] : [])));
      return {
        status: 200,
        body: JSON.stringify({ ...answer, UnprocessedKeys: { ...answer.UnprocessedKeys, ...left } }),
      };
    }
  }
}

const words: Readonly<Record<string, string>> = {
  TransactionConflictException: 'Transaction is ongoing for the item',
  ThrottlingException: 'Rate of requests exceeds the allowed throughput.',
  ProvisionedThroughputExceededException:
    'The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.',
  RequestLimitExceeded: 'Throughput exceeds the current throughput limit for your account.',
  InternalServerError: 'The request processing has failed because of an unknown error, exception or failure.',
};

const refusal = (code: string, message: string, rest: object = {}) => ({
  status: code === 'InternalServerError' ? 500 : 400,
  body: JSON.stringify({
    __type: `com.amazonaws.dynamodb.v20120810#${code}`,
    message,
    Message: message,
    ...rest,
  }),
});
