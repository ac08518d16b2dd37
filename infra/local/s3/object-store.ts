import { createHash, randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export type ObjectFacts = {
  key: string;
  etag: string;
  size: number;
  modifiedAt: number;
  /** Response headers that the upload asked for: content type, user metadata, checksums. */
  headers: Record<string, string>;
};
export type StoredObject = ObjectFacts & { body: Buffer };

export type ObjectStore = {
  buckets(): string[];
  put(
    bucket: string,
    key: string,
    body: Buffer,
    headers: Record<string, string>,
    onConflict: 'replace' | 'refuse',
  ): Promise<ObjectFacts | 'exists'>;
  get(bucket: string, key: string): Promise<StoredObject | null>;
  remove(bucket: string, key: string): Promise<void>;
  /** In the order of their keys' UTF-8 bytes. */
  list(bucket: string, prefix: string, after: string, limit: number): Promise<ObjectFacts[]>;
};

/** A first line of this size holds any key (1 KB) and metadata (2 KB), escaped. */
const FACTS_BYTES = 32 * 1024;

/**
 * One file an object, `DATA/s3/<bucket>/<sha256 of the key>`: a line of JSON facts, then the bytes. Written beside and
 * moved into place, so that a reader, or a start after a kill, sees a whole object or none. Keys are hashed since they
 * may hold anything: `..`, NUL, 1,024 bytes.
 */
export async function openObjectStore(folder: string, buckets: readonly string[]): Promise<ObjectStore> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const bucket of buckets) await mkdir(join(folder, bucket), { recursive: true });
  await mkdir(join(folder, '.incoming'), { recursive: true });
  const fileOf = (bucket: string, key: string) =>
    join(folder, bucket, createHash('sha256').update(key).digest('hex'));

  return {
    buckets: () => [...buckets],
    async put(bucket, key, body, headers, onConflict) {
      const etag = `"${createHash('md5').update(body).digest('hex')}"`;
      const facts: ObjectFacts = { key, etag, size: body.length, modifiedAt: Date.now(), headers };
      const incoming = join(folder, '.incoming', randomUUID());
      await writeFile(incoming, Buffer.concat([Buffer.from(`${JSON.stringify(facts)}\n`), body]));
      if (onConflict === 'replace') {
        await rename(incoming, fileOf(bucket, key));
        return facts;
      }
      try {
        await link(incoming, fileOf(bucket, key));
        return facts;
      } catch (error) {
        if (hasCode(error, 'EEXIST')) return 'exists';
        throw error;
      } finally {
        await unlink(incoming);
      }
    },
    async get(bucket, key) {
      try {
        const file = await readFile(fileOf(bucket, key));
        const end = file.indexOf('\n');
        return { ...parseFacts(file.toString('utf8', 0, end)), body: file.subarray(end + 1) };
      } catch (error) {
        if (hasCode(error, 'ENOENT')) return null;
        throw error;
      }
    },
    remove: (bucket, key) => rm(fileOf(bucket, key), { force: true }),
    async list(bucket, prefix, after, limit) {
      const names = await readdir(join(folder, bucket));
      const facts = await Promise.all(names.map((name) => readFacts(join(folder, bucket, name))));
      return facts
        .filter((one): one is ObjectFacts => one !== null && one.key.startsWith(prefix))
        .filter(({ key }) => Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0)
        .sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)))
        .slice(0, limit);
    },
  };
}

async function readFacts(file: string): Promise<ObjectFacts | null> {
  try {
    await using handle = await open(file);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(FACTS_BYTES), 0, FACTS_BYTES, 0);
    const head = buffer.toString('utf8', 0, bytesRead);
    return parseFacts(head.slice(0, head.indexOf('\n')));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}

const parseFacts = (line: string): ObjectFacts => JSON.parse(line) as ObjectFacts;

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && (error as NodeJS.ErrnoException).code === code;
