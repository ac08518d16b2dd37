import { type Verification, verify } from '../../domain/verify.ts';
import { dynamoClient } from './client.ts';
import { dynamoEventStore } from './event-store.ts';
import { dynamoHeads } from './heads.ts';

export interface EmbeddedTable {
  readonly endpoint: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** One project for now; it is in every key already. */
const PROJECT = 'main';

/**
 * Refolds every stream of a table. `embedded`: where the embedded DynamoDB is, and its credentials; without it region and
 * credentials are found as the SDK finds them. Throws what DynamoDB answers.
 */
export function verifyTable(
  { table, embedded }: { table: string; embedded?: EmbeddedTable },
  progress: (streams: number) => void,
): Promise<Verification> {
  const client = embedded === undefined ? dynamoClient() : dynamoClient({ region: 'us-east-1', ...embedded });
  return verify(dynamoEventStore(client, table), dynamoHeads(client, table), PROJECT, progress).finally(() =>
    client.destroy(),
  );
}
