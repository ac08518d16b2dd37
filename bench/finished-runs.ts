import { DatabaseSync } from 'node:sqlite';
import {
  type AttributeValue,
  BatchWriteItemCommand,
  DynamoDBClient,
  QueryCommand,
  UpdateTableCommand,
} from '@aws-sdk/client-dynamodb';
import type { RunDetail } from '../domain/api/run.ts';
import { credentials } from './metered-dynamodb.ts';

type Item = Record<string, AttributeValue>;

/** What one real run left in the table. */
export interface Sample {
  readonly run: Pick<RunDetail, 'id' | 'name'>;
  readonly items: readonly Item[];
}

const clientOf = (endpoint: string) => new DynamoDBClient({ endpoint, region: 'us-east-1', credentials });

/** The heads of `run` and of its job, its name, their last commits. */
export async function sampleOf(endpoint: string, table: string, run: RunDetail): Promise<Sample> {
  const client = clientOf(endpoint);
  try {
    const kinds = [`Run-${run.id}`, `Job-${run.id}-0`, `Alias-run-name-${run.project}/${run.name}`];
    const items = (await Promise.all(kinds.map((pk) => lastOf(client, table, pk)))).flat();
    return { run: { id: run.id, name: run.name }, items };
  } finally {
    client.destroy();
  }
}

/**
 * Fills the table with `count` finished runs like the sample, with another id and name each. One goes in over the wire,
 * its copies into the engine's own file: over the wire half a million items take minutes, on a busy machine most of an
 * hour. No stream tells of them, since nobody has to react to them.
 */
export async function seedFinishedRuns(options: {
  readonly endpoint: string;
  readonly databaseFile: string;
  readonly table: string;
  readonly like: Sample;
  readonly count: number;
}): Promise<{ items: number }> {
  const { endpoint, databaseFile, table: TableName, like, count } = options;
  const client = clientOf(endpoint);
  const stream = (StreamSpecification: { StreamEnabled: boolean; StreamViewType?: 'NEW_IMAGE' }) =>
    client.send(new UpdateTableCommand({ TableName, StreamSpecification }));
  try {
    await stream({ StreamEnabled: false });
    const first = JSON.parse(copyOf(JSON.stringify(like.items), like.run, 0)) as Item[];
    const requests = first.map((Item) => ({ PutRequest: { Item } }));
    await client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: requests } }));
    multiply(databaseFile, TableName, { run: copied(like.run, 0), count });
    await stream({ StreamEnabled: true, StreamViewType: 'NEW_IMAGE' });
    return { items: like.items.length * count };
  } finally {
    client.destroy();
  }
}

type Row = Record<string, string | number | null>;

/** The first copy's rows, in the table and in its indexes, once more for each of the others. */
function multiply(
  databaseFile: string,
  table: string,
  { run, count }: { run: Sample['run']; count: number },
): void {
  const database = new DatabaseSync(databaseFile, { timeout: 5_000 });
  try {
    const tables = database
      .prepare(
        `SELECT name FROM sqlite_master WHERE type = 'table' AND (name = ? OR name LIKE ? || '::gsi::%')`,
      )
      .all(table, table) as { name: string }[];
    database.exec('BEGIN IMMEDIATE');
    for (const { name } of tables) {
      const rows = database.prepare(`SELECT * FROM "${name}"`).all() as Row[];
      const columns = Object.keys(rows[0] ?? {});
      if (columns.length === 0) continue;
      const insert = database.prepare(`INSERT INTO "${name}" VALUES (${columns.map(() => '?').join()})`);
      const text = JSON.stringify(rows);
      for (let index = 1; index < count; index++)
        for (const row of JSON.parse(copyOf(text, run, index)) as Row[])
          insert.run(...columns.map((column) => row[column] ?? null));
    }
    database.exec('COMMIT');
  } finally {
    database.close();
  }
}

/** The head and the newest commit: reads by id and by index never meet the others. */
async function lastOf(client: DynamoDBClient, TableName: string, pk: string): Promise<Item[]> {
  const { Items } = await client.send(
    new QueryCommand({
      TableName,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: pk } },
      ScanIndexForward: false,
      Limit: 2,
    }),
  );
  return Items ?? [];
}

const copyOf = (text: string, run: Sample['run'], index: number): string => {
  const { id, name } = copied(run, index);
  return text.replaceAll(run.id, id).replaceAll(run.name, name);
};

/** An id of the same form, older than the run it is like. */
function copied({ name }: Sample['run'], index: number): Sample['run'] {
  const digits = index
    .toString(32)
    .replace(/[g-v]/g, (letter) => 'ghjkmnpqrstvwxyz'['ghijklmnopqrstuv'.indexOf(letter)] ?? '')
    .padStart(24, '0');
  return { id: `00${digits}`, name: `${name}-${index}` };
}
