import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { GetObjectCommand, PutObjectCommand, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import type { CatalogueShelf } from '../../domain/catalogue/ports.ts';
import { timeouts } from '../timeouts.ts';
import { decodeCatalogue, encodeCatalogue } from './file.ts';

export interface S3ShelfConfig {
  readonly region: string;
  readonly bucket: string;
}

/** The newest catalogue of a region, which every plan is made from. */
export const newestKey = (region: string): string => `catalogue/${region}.json.gz`;

/** Each one that was ever the newest, by its version, for as long as the bucket's lifecycle rule has it. */
export const versionKey = (region: string, version: string): string =>
  `catalogue-versions/${region}/${version}.json.gz`;

/** Reading is part of a plan, which does not wait for S3 much longer than S3 takes. */
const TIMEOUT_MS = 2_000;

/** Catalogues in a bucket, compressed (80 kB to 150 kB). Throws where S3 cannot be reached, or an object is damaged. */
export function s3Shelf({ region, bucket }: S3ShelfConfig, settings: S3ClientConfig = {}): CatalogueShelf {
  const client = new S3Client({
    region,
    // The content is checked by its own version.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: 2,
    requestHandler: timeouts(TIMEOUT_MS),
    ...settings,
  });
  const newest = { Bucket: bucket, Key: newestKey(region) };

  return {
    async read(etag) {
      let answer: { readonly ETag?: string; readonly body: Uint8Array };
      try {
        const command = new GetObjectCommand({ ...newest, ...(etag !== null && { IfNoneMatch: etag }) });
        const { ETag, Body } = await client.send(command);
        if (Body === undefined) throw new Error('S3 answered without a body');
        answer = { ...(ETag !== undefined && { ETag }), body: await Body.transformToByteArray() };
      } catch (error) {
        const { name, $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
        if ($metadata?.httpStatusCode === 304) return { kind: 'same' };
        if (name === 'NoSuchKey') return { kind: 'none' };
        throw new Error(`the catalogue of ${region} cannot be read from the bucket ${bucket}`, {
          cause: error,
        });
      }
      try {
        const text = (await promisify(gunzip)(answer.body)).toString();
        const catalogue = decodeCatalogue(JSON.parse(text));
        if (catalogue.region !== region) throw new Error(`it is of ${catalogue.region}`);
        return { kind: 'found', catalogue, etag: answer.ETag ?? '' };
      } catch (error) {
        throw new Error(`the catalogue of ${region} in the bucket ${bucket} is damaged`, { cause: error });
      }
    },

    async write(content) {
      const { text, version } = encodeCatalogue(content);
      const Body = await promisify(gzip)(text);
      const put = (Key: string) =>
        client.send(new PutObjectCommand({ Bucket: bucket, Key, Body, ContentType: 'application/gzip' }));
      // First what a plan may name, then what plans are made from.
      await put(versionKey(region, version));
      await put(newest.Key);
      return version;
    },
  };
}
