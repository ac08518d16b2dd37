import { createHash } from 'node:crypto';
import type { CodeRef, CodeStore } from '../../domain/job/code-store.ts';
import type { Instant } from '../../domain/kernel/instant.ts';

export interface MemoryCodeStore extends CodeStore {
  /** What S3 answers to an upload by a link. */
  upload(url: string, headers: Readonly<Record<string, string>>, body: Uint8Array): number;
  /** What is read by a link; undefined: nothing is there. */
  fetch(link: string): Uint8Array | undefined;
}

const FRESH_MS = 30 * 24 * 60 * 60 * 1000;

/** The bucket's part for code in memory, behaving as the real one does: both pass test/infra/s3's contract. */
export function memoryCodeStore(now: () => Instant = Date.now): MemoryCodeStore {
  const objects = new Map<string, { readonly body: Uint8Array; readonly at: Instant }>();
  const keyOf = ({ project, sha256 }: CodeRef) => `code/${project}/${sha256}`;
  return {
    async find(at) {
      const found = objects.get(keyOf(at));
      return found !== undefined && now() - found.at < FRESH_MS ? found.body.length : undefined;
    },
    async uploadLink(project, { sha256, bytes }) {
      const checksum = Buffer.from(sha256, 'hex').toString('base64');
      return {
        url: `memory://${keyOf({ project, sha256 })}`,
        headers: { 'content-length': String(bytes), 'x-amz-checksum-sha256': checksum },
      };
    },
    link: async (at) => `memory://${keyOf(at)}`,
    upload(url, headers, body) {
      const key = url.slice('memory://'.length);
      const sha256 = createHash('sha256').update(body).digest();
      if (headers['content-length'] !== String(body.length)) return 403;
      if (headers['x-amz-checksum-sha256'] !== Buffer.from(key.slice(-64), 'hex').toString('base64'))
        return 403;
      if (sha256.toString('base64') !== headers['x-amz-checksum-sha256']) return 400;
      objects.set(key, { body, at: now() });
      return 200;
    },
    fetch: (link) => objects.get(link.slice('memory://'.length))?.body,
  };
}
