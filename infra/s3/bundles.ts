import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import * as z from 'zod';
import type { Bundles, Sealed, SealRef } from '../../domain/job/bundles.ts';
import { RunId } from '../../domain/kernel/ids.ts';
import { SecretText } from '../../domain/secrets/text.ts';
import { timeouts } from '../timeouts.ts';

export interface S3BundlesConfig {
  readonly region: string;
  readonly bucket: string;
}

/** Seconds that a link lives: an instance that is slow to take its command still finds its bundle. */
const LINK_SECONDS = 15 * 60;

const values = z.record(z.string(), z.string());
const texts = z.record(z.string(), SecretText);
const sshKey = z.object({ private_key: z.string(), public_key: z.string() });

/** What was sealed before containers had secrets of their own is the job's environment alone; runs had no keys before. */
const SealedObject: z.ZodType<Sealed> = z.union([
  z.object({
    env: texts,
    container_env: texts,
    registry_auth: z.object({ username: SecretText, password: SecretText }).nullable(),
    ssh: z.object({ user: sshKey, host: sshKey }).nullable().default(null),
  }),
  values.transform((env) => ({ env, container_env: {}, registry_auth: null, ssh: null })),
]);
const SEALS = 'runs/';
const sealKey = ({ run, seal }: SealRef): string => `${SEALS}${run}/${seal}.json`;

/** Undefined: a key that `sealKey` did not make. */
function sealOf(key: string): SealRef | undefined {
  const [, run, seal = ''] = /^runs\/([^/]+)\/([^/]+)\.json$/.exec(key) ?? [];
  const id = RunId.safeParse(run);
  return id.success ? { run: id.data, seal } : undefined;
}

/** Secrets in a bucket that encrypts what it keeps. Throws when S3 cannot be reached. */
export function s3Bundles(config: S3BundlesConfig, settings: S3ClientConfig = {}): Bundles {
  const client = new S3Client({
    region: config.region,
    // The SDK's own checksums would put themselves into the links; TLS and the ETag do for bodies this small.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: timeouts(10_000),
    ...settings,
  });
  const Bucket = config.bucket;

  const write = async (Key: string, content: unknown): Promise<void> => {
    const Body = JSON.stringify(content);
    await client.send(new PutObjectCommand({ Bucket, Key, Body, ContentType: 'application/json' }));
  };
  // S3 answers 204 also where there is nothing to erase.
  const erase = async (Key: string): Promise<void> => {
    await client.send(new DeleteObjectCommand({ Bucket, Key }));
  };

  return {
    seal: (at, sealed) => write(sealKey(at), sealed),

    async unseal(at) {
      try {
        const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: sealKey(at) }));
        return unsealed((await Body?.transformToString()) ?? '');
      } catch (error) {
        if (error instanceof Error && error.name === 'NoSuchKey') return 'missing';
        throw error;
      }
    },

    put: write,
    link: (Key) => getSignedUrl(client, new GetObjectCommand({ Bucket, Key }), { expiresIn: LINK_SECONDS }),
    eraseBundle: erase,
    eraseSeal: (at) => erase(sealKey(at)),

    async seals(from) {
      const page = await client.send(
        new ListObjectsV2Command({ Bucket, Prefix: SEALS, ...(from && { ContinuationToken: from }) }),
      );
      const items = (page.Contents ?? []).flatMap(({ Key = '', LastModified }) => {
        const seal = sealOf(Key);
        return seal && LastModified ? [{ ...seal, at: LastModified.getTime() }] : [];
      });
      return { items, ...(page.NextContinuationToken && { next: page.NextContinuationToken }) };
    },
  };
}

/** Without the parser's message: it quotes what it could not read, and these are secrets. */
function unsealed(text: string): Sealed | 'damaged' {
  const parsed = SealedObject.safeParse(parseJson(text));
  return parsed.success ? parsed.data : 'damaged';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
