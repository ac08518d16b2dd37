import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { nodeFromNpm } from '../../../infra/deployment/node-from-npm.ts';
import { type NodeSource, uploadNode } from '../../../infra/deployment/upload-node.ts';
import { bringNode } from '../../../infra/local/instance/node-for-instances.ts';
import { listen } from '../../../infra/local/listen.ts';
import { openObjectStore } from '../../../infra/local/s3/object-store.ts';
import { s3Service } from '../../../infra/local/s3/service.ts';
import { s3NodeBuilds } from '../../../infra/s3/node-builds.ts';
import { credentials, temporaryFolder } from '../local/fixtures/stack.ts';

function bucket() {
  const objects = new Map<string, Buffer>();
  const writes: string[] = [];
  return {
    objects,
    writes,
    read: async (key: string) => objects.get(key)?.toString() ?? null,
    async write(key: string, body: Buffer) {
      objects.set(key, body);
      writes.push(key);
    },
  };
}

const source = (arch: NodeSource['arch'], version: string): NodeSource => ({
  ...{ arch, version, integrity: `sha512-${arch}-${version}` },
  gzipped: async () => gzipSync(`node ${version} for ${arch}`),
});

it('puts both builds there, names them last, and nothing again that has not changed', async () => {
  const to = bucket();
  const written = await uploadNode(to, [source('x64', '24.1.0'), source('arm64', '24.1.0')]);
  expect(written.map(({ key }) => key).sort()).toEqual([
    expect.stringMatching(/^node\/v24\.1\.0-linux-arm64-[0-9a-f]{16}\.gz$/),
    expect.stringMatching(/^node\/v24\.1\.0-linux-x64-[0-9a-f]{16}\.gz$/),
  ]);
  expect(to.writes.at(-1)).toBe('node/builds.json');
  expect(await uploadNode(to, [source('x64', '24.1.0'), source('arm64', '24.1.0')])).toEqual([]);
  const [newer] = await uploadNode(to, [source('x64', '24.2.0'), source('arm64', '24.1.0')]);
  expect(newer?.key).toContain('v24.2.0-linux-x64');
  const list = JSON.parse((await to.read('node/builds.json')) ?? '');
  expect(list).toMatchObject({ x64: { version: '24.2.0' }, arm64: { version: '24.1.0' } });
  const body = to.objects.get(list.x64.key) ?? Buffer.of();
  expect(createHash('sha256').update(body).digest('hex')).toBe(list.x64.sha256);
  expect(gunzipSync(body).toString()).toBe('node 24.2.0 for x64');
});

it('a list that nobody can read is made anew', async () => {
  const to = bucket();
  to.objects.set('node/builds.json', Buffer.from('{"x64": "?"}'));
  expect(await uploadNode(to, [source('x64', '24.1.0')])).toHaveLength(1);
});

it('Node comes from npm in the versions of the lock file, for both architectures', () => {
  const lock = new URL('../../../package-lock.json', import.meta.url).pathname;
  expect(nodeFromNpm(lock)).toMatchObject([
    { arch: 'x64', version: expect.stringMatching(/^24\./), integrity: expect.stringMatching(/^sha512-/) },
    { arch: 'arm64', version: expect.stringMatching(/^24\./), integrity: expect.stringMatching(/^sha512-/) },
  ]);
});

it('the API hands out links to what is in the bucket, and none where nothing is', async () => {
  const folder = temporaryFolder();
  const objects = await openObjectStore(folder.path, ['sortie-test']);
  const listener = await listen(s3Service(objects, credentials), 0);
  let now = 0;
  const builds = s3NodeBuilds({ region: 'us-east-1', bucket: 'sortie-test' }, () => now, {
    endpoint: listener.url,
    credentials,
  });
  expect(await builds.link('x64')).toBeUndefined();
  await bringNode(objects, ['sortie-test']);
  const link = await builds.link('x64');
  expect(link?.version).toBe(process.versions.node);
  const answer = await fetch(link?.url ?? '', { headers: { connection: 'close' } });
  const body = Buffer.from(await answer.arrayBuffer());
  expect(createHash('sha256').update(body).digest('hex')).toBe(link?.sha256);
  expect(gunzipSync(body).toString()).toContain(process.execPath);
  // The list is kept for a minute, in which a deployment may have changed it.
  await uploadNode(
    {
      read: async () => null,
      write: async (key, text) => void (await objects.put('sortie-test', key, text, {}, 'replace')),
    },
    [source('x64', '25.0.0')],
  );
  expect((await builds.link('x64'))?.version).toBe(process.versions.node);
  now = 61_000;
  expect((await builds.link('x64'))?.version).toBe('25.0.0');
  await listener.close();
  folder.remove();
});
