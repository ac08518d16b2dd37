import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { startEngine } from './engine.ts';
import { openStreamRecords } from './stream-records.ts';
import { createTables, type TableProperties } from './tables.ts';

export type LocalDynamoDb = {
  endpoint: string;
  /** Null with an engine of the user's own, which looks after its stream itself. */
  trimStream: ((table: string, sequence: string) => void) | null;
  /** Of the engine's process, while one runs here. */
  pid: () => number | null;
  close(): Promise<void>;
};

/**
 * The embedded DynamoDB with `tables` (CloudFormation properties) in it: dynoxide on `DATA/dynamodb.db`, or whatever
 * answers at `endpoint` (SORTIE_DYNAMODB_ENDPOINT, DynamoDB Local for one).
 */
export async function startDynamoDb(options: {
  dataDir: string;
  endpoint?: string | undefined;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
  tables: readonly TableProperties[];
}): Promise<LocalDynamoDb> {
  const engine = options.endpoint ? null : await startEngine(options.dataDir);
  const endpoint = options.endpoint ?? engine?.endpoint ?? '';
  const { region, credentials } = options;
  const client = new DynamoDBClient({ endpoint, region, credentials });
  try {
    const records = engine ? openStreamRecords(engine.databaseFile) : null;
    await createTables(client, options.tables);
    return {
      endpoint,
      trimStream: records ? records.trim : null,
      pid: () => engine?.pid() ?? null,
      async close() {
        records?.close();
        await engine?.close();
      },
    };
  } catch (cause) {
    await engine?.close();
    const where = engine ? 'dynoxide' : `SORTIE_DYNAMODB_ENDPOINT=${endpoint}`;
    throw new Error(`the tables cannot be made ready in ${where}: ${String(cause)}`, { cause });
  } finally {
    client.destroy();
  }
}
