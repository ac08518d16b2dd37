import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { NOTHING_SEALED } from '../../../domain/run/secrets.ts';
import { listen } from '../../../infra/local/listen.ts';
import { openObjectStore } from '../../../infra/local/s3/object-store.ts';
import { s3Service } from '../../../infra/local/s3/service.ts';
import { s3Bundles } from '../../../infra/s3/bundles.ts';
import { memoryBundles } from '../../fakes/memory-bundles.ts';
import { credentials, temporaryFolder } from '../local/fixtures/stack.ts';
import { at, bundlesContract, run } from './bundles-contract.ts';

describe('bundles in memory', () => {
  bundlesContract(async () => {
    const bundles = memoryBundles();
    return { bundles, fetch: async (link) => bundles.fetch(link), stop: async () => {} };
  });
});

const place = { region: 'us-east-1', bucket: 'sortie-test' };

async function embeddedBucket() {
  const folder = temporaryFolder();
  const listener = await listen(
    s3Service(await openObjectStore(folder.path, [place.bucket]), credentials),
    0,
  );
  return {
    settings: { endpoint: listener.url, credentials },
    stop: async () => {
      await listener.close();
      folder.remove();
    },
  };
}

describe('S3 over the wire', () => {
  bundlesContract(async () => {
    const { settings, stop } = await embeddedBucket();
    return {
      bundles: s3Bundles(place, settings),
      fetch: async (link) => {
        const answer = await fetch(link, { headers: { connection: 'close' } });
        const text = await answer.text();
        if (answer.status === 200) return JSON.parse(text);
        expect([answer.status, text]).toEqual([404, expect.stringContaining('NoSuchKey')]);
        return undefined;
      },
      stop,
    };
  });

  it('a link is good for one object and 15 minutes', async () => {
    const { settings, stop } = await embeddedBucket();
    const bundles = s3Bundles(place, settings);
    await bundles.seal(at, NOTHING_SEALED);
    const link = new URL(await bundles.link('submissions/x/bundle.json'));
    expect(link.searchParams.get('X-Amz-Expires')).toBe('900');
    link.pathname = `/${place.bucket}/runs/${run}/${at.seal}.json`;
    const answer = await fetch(link, { headers: { connection: 'close' } });
    expect([answer.status, await answer.text()]).toEqual([
      403,
      expect.stringContaining('SignatureDoesNotMatch'),
    ]);
    await stop();
  });

  it('what was sealed before containers had secrets is the environment', async () => {
    const { settings, stop } = await embeddedBucket();
    const bundles = s3Bundles(place, settings);
    const client = new S3Client({ region: place.region, forcePathStyle: true, ...settings });
    const object = { Bucket: place.bucket, Key: `runs/${run}/sealed.json` };
    await client.send(new PutObjectCommand({ ...object, Body: '{"env":"a","container_env":"b"}' }));
    expect(await bundles.unseal({ run, seal: 'sealed' })).toEqual({
      ...NOTHING_SEALED,
      env: { env: 'a', container_env: 'b' },
    });
    client.destroy();
    await stop();
  });

  it('a seal is stored under its run, and a damaged one is a value that does not quote it', async () => {
    const { settings, stop } = await embeddedBucket();
    const bundles = s3Bundles(place, settings);
    const client = new S3Client({ region: place.region, forcePathStyle: true, ...settings });
    const object = { Bucket: place.bucket, Key: `runs/${run}/${at.seal}.json` };
    const sealed = { ...NOTHING_SEALED, env: { KEY: 'hunter2' } };
    await bundles.seal(at, sealed);
    const { Body } = await client.send(new GetObjectCommand(object));
    expect(await Body?.transformToString()).toBe(JSON.stringify(sealed));

    await client.send(new PutObjectCommand({ ...object, Body: '{"KEY":"hunter2' }));
    expect(await bundles.unseal(at)).toBe('damaged');
    client.destroy();
    await stop();
  });
});
