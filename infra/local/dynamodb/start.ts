import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createFaults, type FaultSwitches } from '../wire/faults.ts';
import type { Credentials } from '../wire/signature.ts';
import { openDoor } from './door.ts';
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

type Options = {
  dataDir: string;
  endpoint?: string | undefined;
  region: string;
  credentials: Credentials;
  tables: readonly TableProperties[];
  faults?: FaultSwitches;
  /** Called when a write has been answered: never, by an engine of the user's own. */
  onWritten?: () => void;
};

/**
 * The embedded DynamoDB with `tables` (CloudFormation properties) in it: dynoxide on `DATA/dynamodb.db` behind a door of ours,
 * or whatever answers at `endpoint` (SORTIE_DYNAMODB_ENDPOINT, DynamoDB Local for one).
 */
export async function startDynamoDb(options: Options): Promise<LocalDynamoDb> {
  const engine = await startedEngine(options);
  const { region, credentials } = options;
  const client = new DynamoDBClient({ endpoint: engine.endpoint, region, credentials });
  try {
    await createTables(client, options.tables);
    return engine;
  } catch (cause) {
    await engine.close();
    const where = options.endpoint ? `SORTIE_DYNAMODB_ENDPOINT=${options.endpoint}` : 'dynoxide';
    throw new Error(`the tables cannot be made ready in ${where}: ${String(cause)}`, { cause });
  } finally {
    client.destroy();
  }
}

async function startedEngine(options: Options): Promise<LocalDynamoDb> {
  const { dataDir, endpoint, credentials, faults = createFaults(), onWritten } = options;
  if (endpoint) return { endpoint, trimStream: null, pid: () => null, close: async () => {} };
  const engine = await startEngine(dataDir);
  try {
    const { connect } = engine;
    const door = await openDoor({ connect, credentials, faults, ...(onWritten && { onWritten }) });
    const records = openStreamRecords(engine.databaseFile);
    return {
      endpoint: door.endpoint,
      trimStream: records.trim,
      pid: engine.pid,
      async close() {
        records.close();
        await door.close();
        await engine.close();
      },
    };
  } catch (cause) {
    await engine.close();
    throw cause;
  }
}
