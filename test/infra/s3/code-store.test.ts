import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { CodeStore, Upload } from '../../../domain/job/code-store.ts';
import { listen } from '../../../infra/local/listen.ts';
import { openObjectStore } from '../../../infra/local/s3/object-store.ts';
import { s3Service } from '../../../infra/local/s3/service.ts';
import { s3CodeStore } from '../../../infra/s3/code-store.ts';
import { memoryCodeStore } from '../../fakes/memory-code-store.ts';
import { credentials, temporaryFolder } from '../local/fixtures/stack.ts';

interface Given {
  readonly store: CodeStore;
  /** The status that an upload is answered with. */
  upload(to: Upload, body: Buffer): Promise<number>;
  fetch(link: string): Promise<Buffer | undefined>;
  /** Lets days go by. */
  wait(days: number): void;
  stop(): Promise<void>;
}

const DAY = 24 * 60 * 60 * 1000;
const body = Buffer.from('the archive of a run, \0 and all');
const archiveOf = (content: Buffer) => ({
  sha256: createHash('sha256').update(content).digest('hex'),
  bytes: content.length,
});
const archive = archiveOf(body);
const at = { project: 'main', sha256: archive.sha256 };

/** What every keeper of code does. */
function contract(create: () => Promise<Given>): void {
  const using = async (work: (given: Given) => Promise<void>) => {
    const given = await create();
    await work(given).finally(() => given.stop());
  };

  it('an archive that was uploaded is found by what is in it, and read by a link', () =>
    using(async ({ store, upload, fetch }) => {
      expect(await store.find(at)).toBeUndefined();
      expect(await fetch(await store.link(at))).toBeUndefined();
      expect(await upload(await store.uploadLink('main', archive), body)).toBe(200);
      expect(await store.find(at)).toBe(body.length);
      expect(await fetch(await store.link(at))).toEqual(body);
    }));

  it('a project does not see what another has', () =>
    using(async ({ store, upload }) => {
      await upload(await store.uploadLink('main', archive), body);
      expect(await store.find({ ...at, project: 'other' })).toBeUndefined();
    }));

  it.each([
    ['others', Buffer.from('an archive of other bytes, as many')],
    ['fewer', body.subarray(0, 5)],
    ['none', Buffer.alloc(0)],
  ])('a link stores the bytes that it was made for and no %s', (_, sent) =>
    using(async ({ store, upload }) => {
      const status = await upload(await store.uploadLink('main', archive), sent);
      expect([400, 403]).toContain(status);
      expect(await store.find(at)).toBeUndefined();
    }),
  );

  it('an archive is stored anew once it is older than 30 days, before the bucket removes it', () =>
    using(async ({ store, upload, wait, fetch }) => {
      await upload(await store.uploadLink('main', archive), body);
      wait(29);
      expect(await store.find(at)).toBe(body.length);
      wait(2);
      expect(await store.find(at)).toBeUndefined();
      expect(await fetch(await store.link(at))).toEqual(body);
    }));
}

describe('code in memory', () => {
  contract(async () => {
    let passed = 0;
    const store = memoryCodeStore(() => Date.now() + passed);
    return {
      store,
      upload: async ({ url, headers }, sent) => store.upload(url, headers, sent),
      fetch: async (link) => {
        const found = store.fetch(link);
        return found && Buffer.from(found);
      },
      wait: (days) => {
        passed += days * DAY;
      },
      stop: async () => {},
    };
  });
});

describe('code in S3, over the wire', () => {
  contract(async () => {
    const place = { region: 'us-east-1', bucket: 'sortie-test' };
    const folder = temporaryFolder();
    const objects = await openObjectStore(folder.path, [place.bucket]);
    const listener = await listen(s3Service(objects, credentials), 0);
    let passed = 0;
    const store = s3CodeStore(place, () => Date.now() + passed, {
      ...{ endpoint: listener.url, credentials, forcePathStyle: true },
    });
    return {
      store,
      upload: async ({ url, headers }, sent) => {
        const { 'content-length': _, ...others } = headers;
        const answer = await fetch(url, {
          method: 'PUT',
          headers: { ...others, connection: 'close' },
          body: new Uint8Array(sent),
        });
        await answer.text();
        return answer.status;
      },
      fetch: async (link) => {
        const answer = await fetch(link, { headers: { connection: 'close' } });
        const read = Buffer.from(await answer.arrayBuffer());
        return answer.status === 200 ? read : undefined;
      },
      wait: (days) => {
        passed += days * DAY;
      },
      stop: async () => {
        await listener.close();
        folder.remove();
      },
    };
  });
});
