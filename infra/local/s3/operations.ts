import { ok, type Result } from '../../../domain/kernel/result.ts';
import { type Field, readUpload } from './body.ts';
import { element, faults, type S3Fault, s3Fault, xml } from './fault.ts';
import type { ObjectFacts, ObjectStore } from './object-store.ts';

export type Target = {
  method: string;
  bucket: string;
  key: string;
  query: readonly (readonly [string, string])[];
  headers: Readonly<Record<string, string>>;
  /** A header, or the query parameter that a presigned URL carries in its place. */
  field: Field;
};
export type Answer = { status: number; headers: Record<string, string>; body: Buffer };

const KEY_BYTES = 1024;
/** Sub-resources and headers that change what a call means: refused rather than ignored. */
const OTHER_QUERIES = [
  'acl',
  'tagging',
  'uploads',
  'uploadId',
  'partNumber',
  'versionId',
  'retention',
  'torrent',
];
const OTHER_HEADERS = ['x-amz-copy-source', 'if-match', 'if-modified-since', 'if-unmodified-since', 'range'];

export async function objectOperation(
  store: ObjectStore,
  target: Target,
  raw: Buffer,
): Promise<Result<Answer, S3Fault>> {
  const { bucket, key, query, headers } = target;
  const other =
    query.find(([name]) => OTHER_QUERIES.includes(name))?.[0] ??
    OTHER_HEADERS.find((name) => name in headers);
  if (other !== undefined) return faults.notImplemented(other);
  if (Buffer.byteLength(key) > KEY_BYTES) return s3Fault(400, 'KeyTooLongError', 'Your key is too long');
  switch (target.method) {
    case 'PUT':
      return put(store, target, raw);
    case 'GET':
    case 'HEAD': {
      const found = await store.get(bucket, key);
      if (!found) return faults.noSuchKey(key);
      if (target.headers['if-none-match'] === found.etag)
        return ok({ status: 304, headers: { etag: found.etag }, body: Buffer.alloc(0) });
      return ok({ status: 200, headers: shown(found, target.field), body: found.body });
    }
    case 'DELETE':
      await store.remove(bucket, key);
      return ok({ status: 204, headers: {}, body: Buffer.alloc(0) });
    default:
      return faults.methodNotAllowed();
  }
}

async function put(store: ObjectStore, target: Target, raw: Buffer): Promise<Result<Answer, S3Fault>> {
  const { bucket, key, headers, field } = target;
  const upload = readUpload(raw, field);
  if (!upload.ok) return upload;
  const condition = headers['if-none-match'];
  if (condition !== undefined && condition !== '*') return faults.notImplemented('If-None-Match');
  const kept = Object.entries(headers).filter(
    ([name]) =>
      name.startsWith('x-amz-meta-') ||
      ['content-type', 'cache-control', 'content-disposition'].includes(name),
  );
  const { body, checksums } = upload.value;
  const asked = { ...Object.fromEntries(kept), ...checksums };
  const facts = await store.put(bucket, key, body, asked, condition === '*' ? 'refuse' : 'replace');
  if (facts === 'exists') return faults.preconditionFailed('If-None-Match');
  return ok({ status: 200, headers: { etag: facts.etag, ...checksums }, body: Buffer.alloc(0) });
}

/** Checksums are shown to those who ask with `x-amz-checksum-mode: ENABLED`, as on S3. */
function shown(facts: ObjectFacts, field: Field): Record<string, string> {
  const wanted = field('x-amz-checksum-mode')?.toUpperCase() === 'ENABLED';
  const headers = Object.entries(facts.headers).filter(
    ([name]) => wanted || !name.startsWith('x-amz-checksum-'),
  );
  const checked = headers.some(([name]) => name.startsWith('x-amz-checksum-'));
  return {
    'content-type': 'binary/octet-stream',
    ...Object.fromEntries(headers),
    ...(checked ? { 'x-amz-checksum-type': 'FULL_OBJECT' } : {}),
    etag: facts.etag,
    'last-modified': new Date(facts.modifiedAt).toUTCString(),
  };
}

export async function bucketOperation(store: ObjectStore, target: Target): Promise<Result<Answer, S3Fault>> {
  if (target.method === 'HEAD') return ok({ status: 200, headers: {}, body: Buffer.alloc(0) });
  if (target.method !== 'GET') return faults.methodNotAllowed();
  const value = (name: string) => target.query.find(([key]) => key === name)?.[1] ?? '';
  if (value('list-type') !== '2') return faults.notImplemented('list-type');
  if (value('delimiter') !== '') return faults.notImplemented('delimiter');
  const limit = Math.min(Number(value('max-keys') || 1000), 1000);
  const token = value('continuation-token');
  const after = token ? Buffer.from(token, 'base64url').toString() : value('start-after');
  const found = await store.list(target.bucket, value('prefix'), after, limit + 1);
  const page = found.slice(0, limit);
  const next = found.length > limit ? Buffer.from(page.at(-1)?.key ?? '').toString('base64url') : null;
  const encodeKey = value('encoding-type') === 'url' ? encodeURIComponent : (key: string) => key;
  const content = [
    element('Name', target.bucket),
    element('Prefix', encodeKey(value('prefix'))),
    element('KeyCount', page.length),
    element('MaxKeys', limit),
    element('IsTruncated', String(next !== null)),
    ...(next === null ? [] : [element('NextContinuationToken', next)]),
    ...page.map((facts) =>
      [
        '<Contents>',
        element('Key', encodeKey(facts.key)),
        element('LastModified', new Date(facts.modifiedAt).toISOString()),
        element('ETag', facts.etag),
        element('Size', facts.size),
        element('StorageClass', 'STANDARD'),
        '</Contents>',
      ].join(''),
    ),
  ].join('');
  const body = Buffer.from(xml('ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"', content));
  return ok({ status: 200, headers: { 'content-type': 'application/xml' }, body });
}
