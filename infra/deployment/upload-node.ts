import { createHash } from 'node:crypto';
import type { NodeArch } from '../../domain/instance/node-builds.ts';
import { NODE_LIST, NodeList } from '../s3/node-builds.ts';

/** Node as instances are to have it. `gzipped`: its executable alone. */
export interface NodeSource {
  readonly arch: NodeArch;
  readonly version: string;
  /** The same for the same executable. */
  readonly integrity: string;
  gzipped(): Promise<Buffer>;
}

/** What it takes of a bucket. */
export interface NodeObjects {
  /** null: there is no such object. */
  read(key: string): Promise<string | null>;
  write(key: string, body: Buffer, contentType: string): Promise<void>;
}

/**
 * Puts Node into the deployment's bucket, where instances fetch it from when they boot: npm's mirror, a distribution's or
 * a NAT gateway is not needed for that. What is there already is not made again. Earlier builds stay for the instances
 * that boot meanwhile. Gives what was written.
 */
export async function uploadNode(
  objects: NodeObjects,
  sources: readonly NodeSource[],
): Promise<{ readonly key: string; readonly bytes: number }[]> {
  const before = listOf(await objects.read(NODE_LIST));
  const written: { key: string; bytes: number }[] = [];
  const list: NodeList = {};
  await Promise.all(
    sources.map(async ({ arch, version, integrity, gzipped }) => {
      const known = before[arch];
      if (known?.integrity === integrity && known.version === version) {
        list[arch] = known;
        return;
      }
      const body = await gzipped();
      const sha256 = createHash('sha256').update(body).digest('hex');
      const key = `node/v${version}-linux-${arch}-${sha256.slice(0, 16)}.gz`;
      await objects.write(key, body, 'application/gzip');
      written.push({ key, bytes: body.length });
      list[arch] = { version, integrity, key, sha256 };
    }),
  );
  // Last: whoever reads it finds all that it names.
  if (written.length > 0)
    await objects.write(NODE_LIST, Buffer.from(`${JSON.stringify(list, null, 2)}\n`), 'application/json');
  return written;
}

/** A list of another form was written by another version: everything is put there anew. */
function listOf(text: string | null): NodeList {
  if (text === null) return {};
  try {
    return NodeList.safeParse(JSON.parse(text)).data ?? {};
  } catch {
    return {};
  }
}
