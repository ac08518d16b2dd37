import { randomUUID } from 'node:crypto';
import {
  type DynamoDBDocumentClient,
  QueryCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import type { Alias, EventStore, Listed } from '../../domain/kernel/event-store.ts';
import { refold, unfolded } from '../../domain/kernel/refold.ts';
import type {
  Change,
  DomainEvent,
  Loaded,
  Provenance,
  Stream,
  StreamRef,
} from '../../domain/kernel/stream.ts';
import { refOf, streamNamed } from '../../domain/streams.ts';
import { batchedGet } from './batched-get.ts';
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
  readState,
  readView,
} from './items.ts';
import { cancellationReasons } from './patience.ts';

type QueryInput = Omit<QueryCommand['input'], 'TableName' | 'IndexName' | 'Limit'>;

/**
 * The event store on one DynamoDB table. Throws what the SDK throws when the table cannot be reached, or is still busy after
 * the patience of `dynamoClient`.
 */
export function dynamoEventStore(client: DynamoDBDocumentClient, table: string): EventStore {
  const get = batchedGet(client, table);

  /** Up to `limit` items. DynamoDB cuts a page at 1 MB, so one page may hold fewer although there are more. */
  const query = async (index: 'list' | 'work' | 'due' | 'table', limit: number, input: QueryInput) => {
    const items: Record<string, unknown>[] = [];
    let ExclusiveStartKey = input.ExclusiveStartKey;
    do {
      const page = await client.send(
        new QueryCommand({
          ...input,
          TableName: table,
          ...(index !== 'table' && { IndexName: index }),
          ...(ExclusiveStartKey && { ExclusiveStartKey }),
          Limit: limit - items.length,
        }),
      );
      items.push(...(page.Items ?? []));
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey !== undefined && items.length < limit);
    return items;
  };

  const history: EventStore['history'] = async (stream, after, limit) => {
    const items = await query('table', limit, {
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :after AND :last',
      ExpressionAttributeValues: {
        ':pk': headKey(stream).pk,
        ':after': commitSort(after + 1),
        ':last': commitSort(9_999_999_999),
      },
      ConsistentRead: true,
    });
    return items.map(readCommit);
  };

  /** A head of another shape, or unreadable, was written by another version: what it is in this one, its commits say. */
  async function read<S, E extends DomainEvent>(
    stream: Stream<S, E>,
    id: string,
    item: Record<string, unknown> | undefined,
  ): Promise<Loaded<S, E>> {
    if (item === undefined) return { stream, id, ...unfolded };
    const version = Number(item['version']);
    const state = item['shape'] === stream.shape ? readState(item) : undefined;
    if (state !== undefined) return { stream, id, version, state: state as S };
    return { stream, id, ...refold(stream, await history({ name: stream.name, id }, 0, version)) };
  }

  const load: EventStore['load'] = async (stream, id) =>
    read(stream, id, await get(headKey({ name: stream.name, id })));

  async function readListed(item: Record<string, unknown>): Promise<Listed> {
    const { name, id } = refIn(item);
    const stream = streamNamed(name);
    const { shape, view } = readView(item);
    if (shape === stream.shape) return { id, view };
    const { state } = await load(stream, id);
    return { id, view: stream.view(state, id) };
  }

  return {
    load,
    history,

    async append(changes, provenance, aliases = []) {
      const TransactItems = [
        ...changes.flatMap((change) => writesOf(table, change, provenance)),
        ...aliases.map((alias) => aliasWrite(table, alias)),
      ];
      // The SDK would draw another for each try: after a fault of the server the second may find the first was made.
      const ClientRequestToken = randomUUID();
      try {
        await client.send(new TransactWriteCommand({ TransactItems, ClientRequestToken }));
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

    async work(stream, key, limit, after) {
      const items = await query('work', limit, {
        KeyConditionExpression: `work_pk = :key${after === undefined ? '' : ' AND work_sk > :after'}`,
        ExpressionAttributeValues: { ':key': key, ...(after !== undefined && { ':after': after }) },
      });
      return Promise.all(items.map((item) => read(stream, refIn(item).id, item)));
    },

    async list(key, limit, from, within) {
      const start = decodeCursor(from, key);
      if (start === 'bad-cursor') return start;
      // One more than asked for tells whether there is a next page; DynamoDB's own key would promise an empty one.
      const found = await query('list', limit + 1, {
        KeyConditionExpression: `list_pk = :key${within ? ' AND list_sk BETWEEN :least AND :most' : ''}`,
        ExpressionAttributeValues: {
          ':key': key,
          ...(within && { ':least': within.least, ':most': within.most }),
        },
        ScanIndexForward: false,
        ...(start && { ExclusiveStartKey: start }),
      });
      const shown = found.slice(0, limit);
      const last = found.length > limit ? shown.at(-1) : undefined;
      const items = await Promise.all(shown.map(readListed));
      return { items, ...(last && { next: encodeCursor(last) }) };
    },

    async due(now, limit) {
      const shards = await Promise.all(
        Array.from({ length: DUE_SHARDS }, (_, shard) =>
          query('due', limit, {
            KeyConditionExpression: 'due_pk = :shard AND due <= :now',
            ExpressionAttributeValues: { ':shard': duePartition(shard), ':now': now },
          }),
        ),
      );
      return shards
        .flat()
        .sort((a, b) => Number(a['due']) - Number(b['due']))
        .slice(0, limit)
        .flatMap((item) => refOf(String(item['pk'])) ?? []);
    },
  };
}

function refIn({ pk }: Record<string, unknown>): StreamRef {
  const ref = refOf(String(pk));
  if (ref === undefined) throw new Error(`an index has ${String(pk)}, which is no stream`);
  return ref;
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

/**
 * A condition that failed means that somebody else was faster, whatever else kept the transaction from being made; so does
 * another transaction that is in the way for longer than the client's patience.
 */
function lostRace(error: unknown): boolean {
  const reasons = cancellationReasons(error).filter((reason) => reason !== 'None');
  return (
    reasons.includes('ConditionalCheckFailed') ||
    (reasons.length > 0 && reasons.every((reason) => reason === 'TransactionConflict'))
  );
}
