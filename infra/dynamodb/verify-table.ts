import { type Verification, verify } from '../../domain/verify.ts';
import { dynamoClient } from './client.ts';
import { dynamoEventStore } from './event-store.ts';
import { dynamoHeads } from './heads.ts';

/** One project for now; it is in every key already. */
const PROJECT = 'main';

/**
 * Refolds every stream of a table. `endpoint`: the embedded DynamoDB's; without one region and credentials are found
 * as the SDK finds them. Throws what DynamoDB answers.
 */
export function verifyTable(
  { table, endpoint }: { table: string; endpoint?: string },
  progress: (streams: number) => void,
): Promise<Verification> {
  const client = endpoint === undefined ? dynamoClient() : embedded(endpoint);
  return verify(dynamoEventStore(client, table), dynamoHeads(client, table), PROJECT, progress).finally(() =>
    client.destroy(),
  );
}

/** The embedded engine takes any credentials, and the SDK makes no request without. */
const embedded = (endpoint: string) =>
  dynamoClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'embedded', secretAccessKey: 'embedded' },
  });
