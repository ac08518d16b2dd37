import {
  CloudWatchLogsClient,
  DeleteLogGroupCommand,
  DescribeLogGroupsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import {
  DeleteTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  UpdateTableCommand,
  waitUntilTableExists,
  waitUntilTableNotExists,
} from '@aws-sdk/client-dynamodb';
import {
  DeleteBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3';
import type { Account } from './account.ts';
import type { Settings } from './aws-account.ts';

const MINUTES_10 = 600;

/** What holds data, and so outlives the stack. */
export function storesOn(
  settings: Settings,
): Pick<
  Account,
  | 'bucket'
  | 'objects'
  | 'emptyBucket'
  | 'deleteBucket'
  | 'hasTable'
  | 'deleteTable'
  | 'hasLogGroup'
  | 'deleteLogGroup'
> {
  // The bucket's name has no dots, so either style of address is right; a test's S3 answers at paths alone.
  const s3 = new S3Client({ ...settings, forcePathStyle: true });
  const dynamodb = new DynamoDBClient(settings);
  const logs = new CloudWatchLogsClient(settings);

  return {
    async bucket(Bucket) {
      try {
        await s3.send(new HeadBucketCommand({ Bucket }));
        return 'ours';
      } catch (error) {
        const status = statusOf(error);
        // HEAD has no body: 403 is a bucket that is another's, or one that we may not look at.
        if (status === 404) return 'absent';
        if (status === 403 || status === 301) return "another account's";
        throw error;
      }
    },

    objects: (Bucket) => ({
      async read(Key) {
        try {
          const { Body: body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
          return (await body?.transformToString()) ?? null;
        } catch (error) {
          if (named(error, 'NoSuchKey')) return null;
          throw error;
        }
      },
      async write(Key, Body, ContentType) {
        await s3.send(new PutObjectCommand({ Bucket, Key, Body, ContentType }));
      },
    }),

    async emptyBucket(Bucket, onProgress) {
      let deleted = 0;
      try {
        for await (const { Contents: contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket })) {
          const Objects = contents.flatMap(({ Key }) => (Key === undefined ? [] : [{ Key }]));
          if (Objects.length === 0) continue;
          const request = new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } });
          const [refused] = (await s3.send(request)).Errors ?? [];
          if (refused !== undefined)
            throw Object.assign(new Error(`${refused.Key}: ${refused.Message}`), { name: refused.Code });
          deleted += Objects.length;
          onProgress(`${deleted} objects of ${Bucket} deleted`);
        }
      } catch (error) {
        if (!named(error, 'NoSuchBucket')) throw error;
      }
    },

    async deleteBucket(Bucket) {
      try {
        await s3.send(new DeleteBucketCommand({ Bucket }));
      } catch (error) {
        if (!named(error, 'NoSuchBucket')) throw error;
      }
    },

    async hasTable(TableName) {
      try {
        await dynamodb.send(new DescribeTableCommand({ TableName }));
        return true;
      } catch (error) {
        if (named(error, 'ResourceNotFoundException')) return false;
        throw error;
      }
    },

    async deleteTable(TableName) {
      try {
        await dynamodb.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: false }));
        await waitUntilTableExists({ client: dynamodb, maxWaitTime: MINUTES_10 }, { TableName });
        await dynamodb.send(new DeleteTableCommand({ TableName }));
      } catch (error) {
        // `ResourceInUse`: it is being deleted since a command that was interrupted.
        if (named(error, 'ResourceNotFoundException')) return;
        if (!named(error, 'ResourceInUseException')) throw error;
      }
      await waitUntilTableNotExists({ client: dynamodb, maxWaitTime: MINUTES_10 }, { TableName });
    },

    async hasLogGroup(name) {
      const { logGroups = [] } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: name }));
      return logGroups.some(({ logGroupName }) => logGroupName === name);
    },

    async deleteLogGroup(logGroupName) {
      try {
        await logs.send(new DeleteLogGroupCommand({ logGroupName }));
      } catch (error) {
        if (!named(error, 'ResourceNotFoundException')) throw error;
      }
    },
  };
}

const named = (error: unknown, name: string): boolean => error instanceof Error && error.name === name;

function statusOf(error: unknown): number | undefined {
  const { $metadata: metadata } = error as { $metadata?: { httpStatusCode?: number } };
  return metadata?.httpStatusCode;
}
