import { GetObjectCommand, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import * as z from 'zod';
import { NodeArch, type NodeBuilds } from '../../domain/instance/node-builds.ts';
import { timeouts } from '../timeouts.ts';

/** Names the builds in the bucket: written last by a deployment, read by the API. */
export const NODE_LIST = 'node/builds.json';

/** `integrity`: of the npm package that it comes from, so that the next deployment knows whether it has changed. */
export const NodeList = z.partialRecord(
  NodeArch,
  z.object({ version: z.string(), integrity: z.string(), key: z.string(), sha256: z.string() }),
);
export type NodeList = z.infer<typeof NodeList>;

/** Seconds that a link lives: 45 MB on a slow day. */
const LINK_SECONDS = 15 * 60;
/** A deployment is rare, and its old builds stay. */
const KEPT_MS = 60_000;

export function s3NodeBuilds(
  { region, bucket: Bucket }: { readonly region: string; readonly bucket: string },
  now: () => number,
  settings: S3ClientConfig = {},
): NodeBuilds {
  const client = new S3Client({
    region,
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: timeouts(10_000),
    ...settings,
  });
  let known: { readonly list: NodeList; readonly until: number } | undefined;

  async function list(): Promise<NodeList> {
    if (known !== undefined && now() < known.until) return known.list;
    try {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: NODE_LIST }));
      const read = NodeList.parse(JSON.parse((await Body?.transformToString()) ?? ''));
      known = { list: read, until: now() + KEPT_MS };
      return read;
    } catch (error) {
      // Who may not list a bucket is told AccessDenied of a key that is not there.
      if (error instanceof Error && ['NoSuchKey', 'AccessDenied'].includes(error.name)) return {};
      throw new Error(`the list of Node's builds cannot be read: s3://${Bucket}/${NODE_LIST}`, {
        cause: error,
      });
    }
  }

  return {
    async link(arch) {
      const build = (await list())[arch];
      if (build === undefined) return undefined;
      const { version, sha256, key: Key } = build;
      const url = await getSignedUrl(client, new GetObjectCommand({ Bucket, Key }), {
        expiresIn: LINK_SECONDS,
      });
      return { version, sha256, url };
    },
  };
}
