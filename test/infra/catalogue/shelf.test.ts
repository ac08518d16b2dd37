import { gzipSync } from 'node:zlib';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { newestKey, s3Shelf, versionKey } from '../../../infra/catalogue/s3-shelf.ts';
import { listen } from '../../../infra/local/listen.ts';
import { openObjectStore } from '../../../infra/local/s3/object-store.ts';
import { s3Service } from '../../../infra/local/s3/service.ts';
import { memoryShelf } from '../../fakes/memory-catalogue.ts';
import { credentials, temporaryFolder } from '../local/fixtures/stack.ts';
import { content, shelfContract } from './shelf-contract.ts';

describe('a shelf in memory', () => {
  shelfContract(async () => {
    const shelf = memoryShelf();
    return { shelf, damage: shelf.damage, stop: async () => {} };
  });
});

const place = { region: 'us-east-1', bucket: 'sortie-test' };

async function embeddedBucket() {
  const folder = temporaryFolder();
  const listener = await listen(
    s3Service(await openObjectStore(folder.path, [place.bucket]), credentials),
    0,
  );
  const settings = { endpoint: listener.url, credentials };
  const client = new S3Client({ region: place.region, forcePathStyle: true, ...settings });
  return {
    settings,
    client,
    put: (Body: Uint8Array) =>
      client.send(new PutObjectCommand({ Bucket: place.bucket, Key: newestKey(place.region), Body })),
    stop: async () => {
      client.destroy();
      await listener.close();
      folder.remove();
    },
  };
}

describe('S3 over the wire', () => {
  shelfContract(async () => {
    const { settings, put, stop } = await embeddedBucket();
    return {
      shelf: s3Shelf(place, settings),
      damage: async () => {
        await put(Buffer.from('no gzip'));
      },
      stop,
    };
  });

  it('a catalogue that is cut short, changed or of another region is damaged', async () => {
    const { settings, put, client, stop } = await embeddedBucket();
    const shelf = s3Shelf(place, settings);
    const version = await shelf.write(content);
    const key = versionKey(place.region, version);
    const { Body } = await client.send(new GetObjectCommand({ Bucket: place.bucket, Key: key }));
    const whole = (await Body?.transformToByteArray()) ?? new Uint8Array();
    for (const wrong of [
      whole.subarray(0, whole.length - 20),
      gzipSync('{}'),
      gzipSync('{'),
      new Uint8Array(),
    ]) {
      await put(wrong);
      await expect(shelf.read(null)).rejects.toThrow(/catalogue of us-east-1 .* is damaged/);
    }
    await put(whole);
    expect(await shelf.read(null)).toMatchObject({ kind: 'found', catalogue: { version } });
    await expect(s3Shelf({ ...place, region: 'eu-west-1' }, settings).read(null)).resolves.toEqual({
      kind: 'none',
    });
    await stop();
  });

  it('a bucket that is out of reach is an error that names it', async () => {
    const { settings, stop } = await embeddedBucket();
    await stop();
    await expect(s3Shelf(place, { ...settings, maxAttempts: 1 }).read(null)).rejects.toThrow(
      'cannot be read from the bucket sortie-test',
    );
  });
});
