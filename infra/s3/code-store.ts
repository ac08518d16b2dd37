import {
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { CodeRef, CodeStore } from '../../domain/job/code-store.ts';
import { timeouts } from '../timeouts.ts';

/** Seconds: 2 GB at 5 Mbit/s. S3 takes a request that begins within them, however long it lasts. */
const UPLOAD_SECONDS = 60 * 60;
/** Seconds; what was signed with a role's credentials ends with these, and the submission is then tried again. */
const LINK_SECONDS = 6 * 60 * 60;

/**
 * The bucket's lifecycle removes an archive after 365 days (`infra/deployment/store.yml`). One that is older than this is
 * stored anew for the next run that brings it, so that a run has its code for 335 days at least.
 */
const FRESH_MS = 30 * 24 * 60 * 60 * 1000;

const keyOf = ({ project, sha256 }: CodeRef): string => `code/${project}/${sha256}`;

/** Throws when S3 cannot be reached. */
export function s3CodeStore(
  { region, bucket: Bucket }: { readonly region: string; readonly bucket: string },
  now: () => number,
  settings: S3ClientConfig = {},
): CodeStore {
  const client = new S3Client({
    region,
    // Its own checksums would put themselves into the links; ours is that of the whole archive.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: timeouts(10_000),
    ...settings,
  });

  return {
    async find(at) {
      try {
        const { ContentLength, LastModified } = await client.send(
          new HeadObjectCommand({ Bucket, Key: keyOf(at) }),
        );
        const fresh = LastModified !== undefined && now() - LastModified.getTime() < FRESH_MS;
        return fresh ? ContentLength : undefined;
      } catch (error) {
        // S3 says 403 of a key that is not there to who may not list the bucket; a HEAD has no body to say more.
        if (error instanceof Error && ['NotFound', 'NoSuchKey', '403'].includes(error.name)) return undefined;
        throw error;
      }
    },

    async uploadLink(project, { sha256, bytes }) {
      const ChecksumSHA256 = Buffer.from(sha256, 'hex').toString('base64');
      const command = new PutObjectCommand({
        ...{ Bucket, Key: keyOf({ project, sha256 }), ContentType: 'application/gzip' },
        ...{ ContentLength: bytes, ChecksumSHA256 },
      });
      const signed = ['content-length', 'content-type', 'x-amz-checksum-sha256'];
      const url = await getSignedUrl(client, command, {
        expiresIn: UPLOAD_SECONDS,
        signableHeaders: new Set(signed),
        unhoistableHeaders: new Set(signed),
      });
      return {
        url,
        headers: {
          'content-length': String(bytes),
          'content-type': 'application/gzip',
          'x-amz-checksum-sha256': ChecksumSHA256,
        },
      };
    },

    link: (at) =>
      getSignedUrl(client, new GetObjectCommand({ Bucket, Key: keyOf(at) }), { expiresIn: LINK_SECONDS }),
  };
}
