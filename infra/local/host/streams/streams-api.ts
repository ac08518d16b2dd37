import { Agent, request } from 'node:http';
import { type Credentials, signed } from '../../wire/signature.ts';

export type StreamRecord = {
  eventID: string;
  eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  dynamodb: {
    Keys: Record<string, Record<string, unknown>>;
    SequenceNumber: string;
    ApproximateCreationDateTime: number;
  };
};

export type Shard = { ShardId: string; ParentShardId?: string };
export type IteratorStart = { after: string } | 'TRIM_HORIZON';

export type StreamsApi = {
  describeTable(table: string): Promise<{ streamArn: string }>;
  shards(streamArn: string): Promise<Shard[]>;
  iterator(streamArn: string, shardId: string, start: IteratorStart): Promise<string>;
  /** `next` is null at the end of a closed shard. */
  records(iterator: string): Promise<{ records: StreamRecord[]; next: string | null }>;
  close(): void;
};

export class StreamsApiError extends Error {
  override readonly name: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = code;
  }
}

/**
 * The five calls by which a stream is read, over plain HTTP: a poll every few milliseconds is not what the SDK's
 * middleware is for (0.4 ms a call instead of 1.7).
 */
export function streamsApi(options: {
  endpoint: string;
  region: string;
  credentials: Credentials;
}): StreamsApi {
  const agent = new Agent({ keepAlive: true });
  const { host } = new URL(options.endpoint);
  const by = { ...options, service: 'dynamodb' };

  function call<T>(target: string, input: object): Promise<T> {
    return new Promise((resolve, reject) => {
      const body = JSON.stringify(input);
      const plain = { host, 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': target };
      const method = 'POST';
      const headers = signed({ method, path: '/', query: [], headers: plain }, body, by, Date.now());
      const outgoing = request(options.endpoint, { method, agent, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          try {
            const answer = JSON.parse(text) as T & { __type?: string; message?: string };
            if (response.statusCode === 200) return resolve(answer);
            const code = answer.__type?.split('#').at(-1) ?? 'Unknown';
            reject(new StreamsApiError(code, `${target}: ${answer.message ?? text}`));
          } catch (cause) {
            reject(
              new Error(`${target} at ${options.endpoint} answered what is not JSON: ${text}`, { cause }),
            );
          }
        });
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  const streams = 'DynamoDBStreams_20120810';
  return {
    async describeTable(table) {
      type Description = { Table: { LatestStreamArn?: string } };
      const { Table } = await call<Description>('DynamoDB_20120810.DescribeTable', { TableName: table });
      if (!Table.LatestStreamArn) throw new Error(`the table ${table} has no stream to read`);
      return { streamArn: Table.LatestStreamArn };
    },
    async shards(streamArn) {
      type Description = { StreamDescription: { Shards: Shard[] } };
      const { StreamDescription } = await call<Description>(`${streams}.DescribeStream`, {
        StreamArn: streamArn,
      });
      return StreamDescription.Shards;
    },
    async iterator(streamArn, shardId, start) {
      const position =
        start === 'TRIM_HORIZON'
          ? { ShardIteratorType: 'TRIM_HORIZON' }
          : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: start.after };
      const input = { StreamArn: streamArn, ShardId: shardId, ...position };
      return (await call<{ ShardIterator: string }>(`${streams}.GetShardIterator`, input)).ShardIterator;
    },
    async records(iterator) {
      type Read = { Records: StreamRecord[]; NextShardIterator?: string };
      const read = await call<Read>(`${streams}.GetRecords`, { ShardIterator: iterator });
      return { records: read.Records, next: read.NextShardIterator ?? null };
    },
    close: () => agent.destroy(),
  };
}
