import {
  type AttributeValue,
  BatchWriteItemCommand,
  DynamoDBClient,
  QueryCommand,
  UpdateTableCommand,
} from '@aws-sdk/client-dynamodb';
import type { RunDetail } from '../domain/api/run.ts';
import { credentials } from '../infra/local/embedded-aws.ts';

type Item = Record<string, AttributeValue>;

/** What BatchWriteItem takes at most. */
const BATCH = 25;
const WRITERS = 4;

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
 * Fills the table with `count` finished runs like the sample, with another id and name each. The stream is off meanwhile,
 * since nobody has to react to them.
 */
export async function seedFinishedRuns(options: {
  readonly endpoint: string;
  readonly table: string;
  readonly like: Sample;
  readonly count: number;
}): Promise<{ items: number }> {
  const { endpoint, table: TableName, like, count } = options;
  const client = clientOf(endpoint);
  const stream = (StreamSpecification: { StreamEnabled: boolean; StreamViewType?: 'NEW_IMAGE' }) =>
    client.send(new UpdateTableCommand({ TableName, StreamSpecification }));
  try {
    const text = JSON.stringify(like.items);
    await stream({ StreamEnabled: false });
    let made = 0;
    const pending: Item[] = [];
    await Promise.all(
      Array.from({ length: WRITERS }, async () => {
        while (made < count || pending.length > 0) {
          while (pending.length < BATCH && made < count) pending.push(...copyOf(text, like.run, made++));
          const batch = pending.splice(0, BATCH);
          if (batch.length === 0) return;
          const requests = batch.map((Item) => ({ PutRequest: { Item } }));
          const { UnprocessedItems } = await client.send(
            new BatchWriteItemCommand({ RequestItems: { [TableName]: requests } }),
          );
          pending.push(
            ...(UnprocessedItems?.[TableName] ?? []).flatMap(({ PutRequest }): Item[] =>
              PutRequest?.Item ? [PutRequest.Item as Item] : [],
            ),
          );
        }
      }),
    );
    await stream({ StreamEnabled: true, StreamViewType: 'NEW_IMAGE' });
    return { items: like.items.length * count };
  } finally {
    client.destroy();
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

/** An id of the same form, older than the run it is like. */
function copyOf(text: string, { id, name }: Sample['run'], index: number): Item[] {
  const other = `00${index
    .toString(32)
    .replace(/[g-v]/g, (letter) => 'ghjkmnpqrstvwxyz'['ghijklmnopqrstuv'.indexOf(letter)] ?? '')
    .padStart(24, '0')}`;
  return JSON.parse(text.replaceAll(id, other).replaceAll(name, `${name}-${index}`)) as Item[];
}
