import { createHash } from 'node:crypto';
import { type DynamoDBDocumentClient, GetCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import type { Amounts, Book, Tally } from '../../domain/metrics/tally.ts';

// One item a book, with an attribute a series. No index has it, and its sort key is a head's, so that its stream records
// ring nobody.
const keyOf = (book: Book) => ({
  pk: book.kind === 'project' ? `Tally-project-${book.project}` : 'Tally-cloud',
  sk: 'head',
});

/**
 * Counts in the event store's table. A transaction of one update, since DynamoDB remembers a transaction's token for
 * ten minutes; it costs two writes instead of one.
 */
export function dynamoTally(client: DynamoDBDocumentClient, table: string): Tally {
  return {
    async add(book, amounts, once) {
      const entries = Object.entries(amounts).filter(([, amount]) => amount !== 0);
      if (entries.length === 0) return;
      const Update = {
        TableName: table,
        Key: keyOf(book),
        UpdateExpression: `ADD ${entries.map((_, n) => `#${n} :${n}`).join(', ')}`,
        ExpressionAttributeNames: Object.fromEntries(entries.map(([name], n) => [`#${n}`, name])),
        ExpressionAttributeValues: Object.fromEntries(entries.map(([, amount], n) => [`:${n}`, amount])),
      };
      const ClientRequestToken = tokenOf(`${table} ${keyOf(book).pk} ${once}`);
      await client.send(new TransactWriteCommand({ ClientRequestToken, TransactItems: [{ Update }] }));
    },

    async read(book) {
      const { Item = {} } = await client.send(
        new GetCommand({ TableName: table, Key: keyOf(book), ConsistentRead: true }),
      );
      return Object.fromEntries(
        Object.entries(Item).flatMap(([name, amount]): [string, number][] =>
          typeof amount === 'number' ? [[name, amount]] : [],
        ),
      ) satisfies Amounts;
    },
  };
}

/** Of 36 characters at most; an account's tables share them. */
const tokenOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 36);
