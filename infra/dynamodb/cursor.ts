import * as z from 'zod';

// DynamoDB refuses empty keys, and sort keys over 1,024 bytes: a forged cursor must not get that far.
const Part = z.string().min(1).max(256);
const Key = z.object({ pk: Part, sk: z.literal('head'), list_pk: Part, list_sk: Part });

/** Where a list goes on after this item, as a word that a caller hands back. */
export const encodeCursor = (item: Record<string, unknown>): string =>
  Buffer.from(JSON.stringify(Key.parse(item))).toString('base64url');

/** Only a cursor of the very list it came from is taken: it would show other lists' items otherwise. */
export function decodeCursor(
  cursor: string | undefined,
  list: string,
): z.infer<typeof Key> | undefined | 'bad-cursor' {
  if (cursor === undefined) return undefined;
  try {
    const key = Key.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
    return key.list_pk === list ? key : 'bad-cursor';
  } catch {
    return 'bad-cursor';
  }
}
