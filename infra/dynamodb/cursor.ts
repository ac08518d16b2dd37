import * as z from 'zod';

const Key = z.object({ pk: z.string(), sk: z.literal('head'), list_pk: z.string(), list_sk: z.string() });

/** DynamoDB's LastEvaluatedKey as a word that a caller hands back. */
export const encodeCursor = (key: Record<string, unknown>): string =>
  Buffer.from(JSON.stringify(key)).toString('base64url');

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
