import { setTimeout as pause } from 'node:timers/promises';
import { BatchGetCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import DataLoader from 'dataloader';

export type Key = { readonly pk: string; readonly sk: string };
type Item = Record<string, unknown>;

/** BatchGetItem's limit. */
const KEYS = 100;
const TRIES = 8;

/**
 * Consistent reads that are asked for in one turn of the event loop go out together: one decision reads three or four
 * heads, a batch of doorbells ten times as many. Each is read after it was asked for and nothing is kept, so everybody
 * finds what they have written. Throws what the SDK throws, and when the table leaves keys unread again and again.
 */
export function batchedGet(
  client: DynamoDBDocumentClient,
  table: string,
): (key: Key) => Promise<Item | undefined> {
  async function readAll(keys: readonly Key[]): Promise<(Item | undefined)[]> {
    const found = new Map<string, Item>();
    // The same key twice in one request is an error of DynamoDB's.
    let left: Item[] = [...new Map(keys.map((key) => [nameOf(key), key])).values()];
    for (let tries = 1; left.length > 0; tries++) {
      if (tries > TRIES)
        throw new Error(`DynamoDB left ${left.length} keys of ${table} unread ${TRIES} times`);
      // What it leaves, it leaves for being asked too much; the SDK does not come back for it.
      if (tries > 1) await pause(Math.random() * 25 * 2 ** tries);
      const { Responses, UnprocessedKeys } = await client.send(
        new BatchGetCommand({ RequestItems: { [table]: { Keys: left, ConsistentRead: true } } }),
      );
      for (const item of Responses?.[table] ?? []) found.set(nameOf(item), item);
      left = UnprocessedKeys?.[table]?.Keys ?? [];
    }
    return keys.map((key) => found.get(nameOf(key)));
  }

  const loader = new DataLoader(readAll, {
    cache: false,
    maxBatchSize: KEYS,
    batchScheduleFn: (send) => setImmediate(send),
  });
  return (key) => loader.load(key);
}

const nameOf = ({ pk, sk }: Item): string => `${String(pk)} ${String(sk)}`;
