import { readdirSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Listener, listen } from '../../../infra/local/listen.ts';
import { openObjectStore } from '../../../infra/local/s3/object-store.ts';
import { s3Service } from '../../../infra/local/s3/service.ts';
import { credentials, temporaryFolder } from './fixtures/stack.ts';

const folder = temporaryFolder();
const Bucket = 'bundles';
let listener: Listener;
let s3: S3Client;

beforeAll(async () => {
  listener = await listen(s3Service(await openObjectStore(folder.path, [Bucket]), credentials), 0);
  s3 = client();
});
afterAll(async () => {
  s3.destroy();
  await listener.close();
  folder.remove();
});

const client = (own: { accessKeyId: string; secretAccessKey: string } = credentials) =>
  new S3Client({ endpoint: listener.url, region: 'us-east-1', credentials: own, maxAttempts: 1 });

/** Name and status of the S3 error that a call ends in. */
async function refusal(call: Promise<unknown>): Promise<[string, number | undefined]> {
  const error = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof S3ServiceException)) throw new Error('an S3 error was expected', { cause: error });
  return [error.name, error.$metadata.httpStatusCode];
}

const put = (Key: string, Body: string | Uint8Array, more: object = {}) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));

describe('an object', () => {
  test.each([
    'plain.json',
    'submissions/01h/bundle.json',
    'ünï cödé +&?#%2F/😀',
    '../../etc/passwd',
    `${'long/'.repeat(200)}end`,
  ])('comes back as it was put, under the key %j', async (Key) => {
    const written = await put(Key, `body of ${Key}`, {
      ContentType: 'application/json',
      Metadata: { owner: 'ann' },
    });
    const read = await s3.send(new GetObjectCommand({ Bucket, Key }));
    expect(await read.Body?.transformToString()).toBe(`body of ${Key}`);
    expect(read).toMatchObject({
      ContentType: 'application/json',
      Metadata: { owner: 'ann' },
      ETag: written.ETag,
    });
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key }));
    expect(head.ContentLength).toBe(Buffer.byteLength(`body of ${Key}`));
  });

  test('may be any bytes, also from a stream of chunks with a trailing checksum', async () => {
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, at) => at % 256));
    const chunks = Array.from({ length: 10 }, (_, at) => bytes.subarray(at * 30_000, (at + 1) * 30_000));
    const Body = Readable.from(chunks);
    await s3.send(new PutObjectCommand({ Bucket, Key: 'stream', Body, ContentLength: bytes.length }));
    const read = await s3.send(new GetObjectCommand({ Bucket, Key: 'stream' }));
    expect(Buffer.from((await read.Body?.transformToByteArray()) ?? []).equals(bytes)).toBe(true);
  });

  test('is replaced by the next put, and gone after a delete, which may be repeated', async () => {
    await put('twice', 'one');
    await put('twice', 'two');
    const read = await s3.send(new GetObjectCommand({ Bucket, Key: 'twice' }));
    expect(await read.Body?.transformToString()).toBe('two');
    for (let time = 0; time < 2; time++) await s3.send(new DeleteObjectCommand({ Bucket, Key: 'twice' }));
    expect(await refusal(s3.send(new GetObjectCommand({ Bucket, Key: 'twice' })))).toEqual([
      'NoSuchKey',
      404,
    ]);
    expect(await refusal(s3.send(new HeadObjectCommand({ Bucket, Key: 'twice' })))).toEqual([
      'NotFound',
      404,
    ]);
  });

  test('put with If-None-Match: * is written once, however many race', async () => {
    const racing = Array.from({ length: 8 }, (_, at) => put('once', `writer ${at}`, { IfNoneMatch: '*' }));
    const outcomes = await Promise.allSettled(racing);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await refusal(put('once', 'late', { IfNoneMatch: '*' }))).toEqual(['PreconditionFailed', 412]);
    expect(readdirSync(join(folder.path, '.incoming'))).toEqual([]);
  });

  test('survives the server', async () => {
    await put('kept', 'still here');
    const again = await listen(s3Service(await openObjectStore(folder.path, [Bucket]), credentials), 0);
    const second = new S3Client({ endpoint: again.url, region: 'us-east-1', credentials });
    const read = await second.send(new GetObjectCommand({ Bucket, Key: 'kept' }));
    expect(await read.Body?.transformToString()).toBe('still here');
    second.destroy();
    await again.close();
  });

  test('is refused when its digest does not fit', async () => {
    const wrong = { ChecksumSHA256: Buffer.alloc(32).toString('base64') };
    expect(await refusal(put('digest', 'x', wrong))).toEqual(['BadDigest', 400]);
    const md5 = { ContentMD5: Buffer.alloc(16).toString('base64') };
    expect(await refusal(put('digest', 'x', md5))).toEqual(['BadDigest', 400]);
  });
});

describe('a listing', () => {
  test('is in order, by prefix, in pages', async () => {
    for (const Key of ['list/b', 'list/a', 'list/c', 'other']) await put(Key, Key);
    const first = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'list/', MaxKeys: 2 }));
    expect(first.Contents?.map(({ Key }) => Key)).toEqual(['list/a', 'list/b']);
    const ContinuationToken = first.NextContinuationToken;
    const second = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'list/', ContinuationToken }));
    expect([second.IsTruncated, second.Contents?.map(({ Key, Size }) => [Key, Size])]).toEqual([
      false,
      [['list/c', 6]],
    ]);
  });

  test('of a bucket that is not there is NoSuchBucket', async () => {
    expect(await refusal(s3.send(new ListObjectsV2Command({ Bucket: 'nowhere' })))).toEqual([
      'NoSuchBucket',
      404,
    ]);
  });
});

describe('a signature', () => {
  test('is wanted, and must be of the right key', async () => {
    const anonymous = await fetch(`${listener.url}/${Bucket}/plain.json`);
    expect([anonymous.status, await anonymous.text()]).toEqual([
      403,
      expect.stringContaining('<Code>AccessDenied</Code>'),
    ]);
    const stranger = client({ accessKeyId: 'other', secretAccessKey: 'x' });
    expect(await refusal(stranger.send(new ListObjectsV2Command({ Bucket })))).toEqual([
      'InvalidAccessKeyId',
      403,
    ]);
    const forger = client({ ...credentials, secretAccessKey: 'guessed' });
    expect(await refusal(forger.send(new ListObjectsV2Command({ Bucket })))).toEqual([
      'SignatureDoesNotMatch',
      403,
    ]);
  });
});

describe('a presigned URL', () => {
  const presign = (Key: string, expiresIn: number, signingDate = new Date()) =>
    getSignedUrl(s3, new GetObjectCommand({ Bucket, Key }), { expiresIn, signingDate });

  test('reads by fetch what it names, also with an awkward key', async () => {
    for (const Key of ['signed.json', 'with space+plus/ü']) {
      await put(Key, `secret ${Key}`);
      const response = await fetch(await presign(Key, 60));
      expect([response.status, await response.text()]).toEqual([200, `secret ${Key}`]);
    }
  });

  test('writes by fetch', async () => {
    const plain = new S3Client({
      endpoint: listener.url,
      region: 'us-east-1',
      credentials,
      requestChecksumCalculation: 'WHEN_REQUIRED',
    });
    const url = await getSignedUrl(plain, new PutObjectCommand({ Bucket, Key: 'uploaded' }), {
      expiresIn: 60,
    });
    expect((await fetch(url, { method: 'PUT', body: 'by url' })).status).toBe(200);
    const read = await s3.send(new GetObjectCommand({ Bucket, Key: 'uploaded' }));
    expect(await read.Body?.transformToString()).toBe('by url');
    plain.destroy();
  });

  test('that the SDK gave the checksum of an empty body takes no other body, as on S3', async () => {
    const url = await getSignedUrl(s3, new PutObjectCommand({ Bucket, Key: 'uploaded' }), { expiresIn: 60 });
    expect(url).toContain('x-amz-checksum-crc32=AAAAAA%3D%3D');
    const response = await fetch(url, { method: 'PUT', body: 'by url' });
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining('BadDigest')]);
  });

  test('ends when it said it would', async () => {
    const response = await fetch(await presign('signed.json', 60, new Date(Date.now() - 61_000)));
    const text = await response.text();
    expect(response.status).toBe(403);
    expect(text).toMatch(/<Code>AccessDenied<\/Code><Message>Request has expired<\/Message>/);
  });

  test('works for nothing else: another key, another method, a longer life, a cut signature', async () => {
    const url = await presign('signed.json', 60);
    const attempts: [string, string][] = [
      ['GET', url.replace('signed.json', 'plain.json')],
      ['DELETE', url],
      ['GET', url.replace('X-Amz-Expires=60', 'X-Amz-Expires=600')],
      ['GET', url.replace(/X-Amz-Signature=\w{8}/, 'X-Amz-Signature=00000000')],
    ];
    for (const [method, forged] of attempts) {
      const response = await fetch(forged, { method });
      expect([response.status, await response.text()]).toEqual([
        403,
        expect.stringContaining('SignatureDoesNotMatch'),
      ]);
    }
    const unsigned = await fetch(url.replace(/&X-Amz-Signature=\w+/, ''));
    expect([unsigned.status, await unsigned.text()]).toEqual([
      400,
      expect.stringContaining('AuthorizationQueryParametersError'),
    ]);
  });

  test('may not last longer than a week', async () => {
    const url = (await presign('signed.json', 60)).replace('X-Amz-Expires=60', 'X-Amz-Expires=604801');
    expect((await fetch(url)).status).toBe(400);
  });

  test('works with the bucket in the host name', async () => {
    await put('signed.json', 'by host');
    const endpoint = listener.url.replace('127.0.0.1', 's3.localhost');
    const byHost = new S3Client({ endpoint, region: 'us-east-1', credentials });
    const url = new URL(await getSignedUrl(byHost, new GetObjectCommand({ Bucket, Key: 'signed.json' })));
    byHost.destroy();
    expect(url.hostname).toBe(`${Bucket}.s3.localhost`);
    // No resolver is asked for the name: the request goes to the address, with the name as its host.
    const { host, pathname, search, port } = url;
    const text = await new Promise((resolve) => {
      request({ host: '127.0.0.1', port, path: pathname + search, headers: { host } }, async (response) => {
        resolve(Buffer.concat(await response.toArray()).toString());
      }).end();
    });
    expect(text).toBe('by host');
  });
});
