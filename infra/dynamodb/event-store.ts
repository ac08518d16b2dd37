import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import {
  type DynamoDBDocumentClient,
  GetCommand,
  QueryCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import type { Alias, EventStore, Listed, Page } from '../../domain/kernel/event-store.ts';
import type { Change, DomainEvent, Loaded, Provenance, Stream } from '../../domain/kernel/stream.ts';
import { refOf } from '../../domain/streams.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import {
  aliasKey,
  commitItem,
  commitSort,
  DUE_SHARDS,
  dueAttributes,
  duePartition,
  headItem,
  headKey,
  readCommit,
} from './items.ts';

/** The event store on one DynamoDB table. Throws what the SDK throws when the table cannot be reached. */
export function dynamoEventStore(client: DynamoDBDocumentClient, table: string): EventStore {
  const get = async (key: { pk: string; sk: string }) =>
    (await client.send(new GetCommand({ TableName: table, Key: key, ConsistentRead: true }))).Item;

  const query = (index: string | undefined, input: Omit<QueryCommand['input'], 'TableName' | 'IndexName'>) =>
    client.send(new QueryCommand({ TableName: table, ...(index && { IndexName: index }), ...input }));

  return {
    async load(stream, id) {
      return loaded(stream, id, await get(headKey({ name: stream.name, id })));
    },

    async append(changes, provenance, aliases = []) {
      const TransactItems = [
        ...changes.flatMap((change) => writesOf(table, change, provenance)),
        ...aliases.map((alias) => aliasWrite(table, alias)),
      ];
      try {
        await client.send(new TransactWriteCommand({ TransactItems }));
        return 'appended';
      } catch (error) {
        if (lostRace(error)) return 'conflict';
        throw error;
      }
    },

    async remind(stream, due) {
      const key = headKey(stream);
      const attributes = dueAttributes(key.pk, due);
      try {
        await client.send(
          new UpdateCommand({
            TableName: table,
            Key: key,
            UpdateExpression: 'SET due = :due',
            // A head without a due time has come to rest since; it must not be woken.
            ConditionExpression: 'attribute_exists(due)',
            ExpressionAttributeValues: { ':due': attributes.due },
          }),
        );
      } catch (error) {
        if (!(error instanceof Error && error.name === 'ConditionalCheckFailedException')) throw error;
      }
    },

    async alias(kind, key) {
      const item = await get(aliasKey({ kind, key }));
      return item && String(item['to']);
    },

    async history(stream, after, limit) {
      const { Items = [] } = await query(undefined, {
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :after AND :last',
        ExpressionAttributeValues: {
          ':pk': headKey(stream).pk,
          ':after': commitSort(after + 1),
          ':last': commitSort(9_999_999_999),
        },
        ConsistentRead: true,
        Limit: limit,
      });
      return Items.map(readCommit);
    },

    async work(stream, key, limit) {
      const { Items = [] } = await query('work', {
        KeyConditionExpression: 'work_pk = :key',
        ExpressionAttributeValues: { ':key': key },
        Limit: limit,
      });
      return Items.map((item) => loaded(stream, refOf(String(item['pk']))?.id ?? '', item));
    },

    async list(key, limit, from) {
      const start = decodeCursor(from, key);
      if (start === 'bad-cursor') return start;
      const { Items = [], LastEvaluatedKey } = await query('list', {
        KeyConditionExpression: 'list_pk = :key',
        ExpressionAttributeValues: { ':key': key },
        ScanIndexForward: false,
        Limit: limit,
        ...(start && { ExclusiveStartKey: start }),
      });
      const items = Items.map(
        (item): Listed => ({
          id: refOf(String(item['pk']))?.id ?? '',
          view: JSON.parse(String(item['view'])),
        }),
      );
      return {
        items,
        ...(LastEvaluatedKey && { next: encodeCursor(LastEvaluatedKey) }),
      } satisfies Page<Listed>;
    },

    async due(now, limit) {
      const shards = await Promise.all(
        Array.from({ length: DUE_SHARDS }, (_, shard) =>
          query('due', {
            KeyConditionExpression: 'due_pk = :shard AND due <= :now',
            ExpressionAttributeValues: { ':shard': duePartition(shard), ':now': now },
            Limit: limit,
          }),
        ),
      );
      return shards
        .flatMap(({ Items = [] }) => Items)
        .sort((a, b) => Number(a['due']) - Number(b['due']))
        .slice(0, limit)
        .flatMap((item) => refOf(String(item['pk'])) ?? []);
    },
  };
}

function loaded<S, E extends DomainEvent>(
  stream: Stream<S, E>,
  id: string,
  item: Record<string, unknown> | undefined,
): Loaded<S, E> {
  if (item === undefined) return { stream, id, version: 0, state: undefined };
  return { stream, id, version: Number(item['version']), state: JSON.parse(String(item['state'])) as S };
}

function writesOf(table: string, change: Change, provenance: Provenance) {
  return [
    {
      Put: {
        TableName: table,
        Item: commitItem(change, provenance),
        ConditionExpression: 'attribute_not_exists(pk)',
      },
    },
    {
      Put: {
        TableName: table,
        Item: headItem(change),
        ...(change.expected === 0
          ? { ConditionExpression: 'attribute_not_exists(pk)' }
          : {
              ConditionExpression: 'version = :expected',
              ExpressionAttributeValues: { ':expected': change.expected },
            }),
      },
    },
  ];
}

const aliasWrite = (table: string, alias: Alias) => ({
  Put: {
    TableName: table,
    Item: { ...aliasKey(alias), to: alias.to },
    ...(alias.from === undefined
      ? { ConditionExpression: 'attribute_not_exists(pk)' }
      : {
          ConditionExpression: '#to = :from',
          ExpressionAttributeNames: { '#to': 'to' },
          ExpressionAttributeValues: { ':from': alias.from },
        }),
  },
});

/** A condition that failed and a transaction in the way mean the same: somebody else was faster. */
function lostRace(error: unknown): boolean {
  if (!(error instanceof TransactionCanceledException)) return false;
  const codes = (error.CancellationReasons ?? []).map(({ Code }) => Code ?? 'None');
  return codes.every((code) => ['None', 'ConditionalCheckFailed', 'TransactionConflict'].includes(code));
}
