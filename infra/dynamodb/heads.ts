import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import type { Heads } from '../../domain/verify.ts';
import { headKey, readHead } from './items.ts';

/** Whole heads, index keys and view included, for `verify`. */
export const dynamoHeads = (client: DynamoDBDocumentClient, table: string): Heads => ({
  async head(stream) {
    const { Item } = await client.send(
      new GetCommand({ TableName: table, Key: headKey(stream), ConsistentRead: true }),
    );
    return Item && readHead(Item);
  },
});
