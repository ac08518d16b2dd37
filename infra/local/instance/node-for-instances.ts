import { gzipSync } from 'node:zlib';
import { NodeArch } from '../../../domain/instance/node-builds.ts';
import { type NodeObjects, type NodeSource, uploadNode } from '../../deployment/upload-node.ts';
import type { ObjectStore } from '../s3/object-store.ts';

/**
 * Puts into the embedded bucket what instances are to fetch: a start of this machine's own Node, which each would else
 * unpack 120 MB of.
 */
export async function bringNode(objects: ObjectStore, buckets: readonly string[]): Promise<void> {
  const text = `#!/bin/sh\nexec '${process.execPath.replaceAll("'", `'\\''`)}' "$@"\n`;
  const sources = NodeArch.options.map((arch): NodeSource => {
    const { node: version } = process.versions;
    return { arch, version, integrity: text, gzipped: async () => gzipSync(text) };
  });
  for (const bucket of buckets) await uploadNode(objectsIn(objects, bucket), sources);
}

const objectsIn = (objects: ObjectStore, bucket: string): NodeObjects => ({
  read: async (key) => (await objects.get(bucket, key))?.body.toString() ?? null,
  async write(key, body, contentType) {
    await objects.put(bucket, key, body, { 'content-type': contentType }, 'replace');
  },
});
