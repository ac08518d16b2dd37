import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { createTarPacker } from 'modern-tar';
import type { CodeArchive } from '../../domain/run/code.ts';
import { Failure } from '../exit.ts';
import type { Entry } from './entries.ts';

/** Half the time of the usual 6, for a twentieth more bytes. */
const LEVEL = 3;
/** A larger file is read while it is packed, bit by bit. */
const LARGE = 1024 ** 2;

export interface Packed extends CodeArchive {
  /** Files that stand for ones that Git LFS keeps elsewhere. */
  readonly pointers: readonly string[];
}

/** Writes the archive to a file. The same files give the same bytes: sorted, without times and owners. */
export async function packInto(file: string, entries: readonly Entry[]): Promise<Packed> {
  const { readable, controller } = createTarPacker();
  const hash = createHash('sha256');
  let bytes = 0;
  const gzip = createGzip({ level: LEVEL });
  gzip.on('data', (chunk: Buffer) => {
    hash.update(chunk);
    bytes += chunk.length;
  });
  const pointers: string[] = [];
  const writing = pipeline(Readable.fromWeb(readable), gzip, createWriteStream(file, { mode: 0o600 }));
  const packing = packAll();
  packing.catch((error: unknown) => controller.error(error));
  // How the packing failed is why the writing did.
  const [packed, written] = await Promise.allSettled([packing, writing]);
  if (packed.status === 'rejected') throw packed.reason;
  if (written.status === 'rejected') throw written.reason;
  return { sha256: hash.digest('hex'), bytes, pointers };

  async function packAll(): Promise<void> {
    for (const name of foldersOf(entries)) await add({ name, size: 0, type: 'directory', mode: 0o755 }, []);
    for (const { name, target, mode, size, from } of entries) {
      const content = target === null && size <= LARGE ? contentOf(from) : Buffer.alloc(0);
      if (target !== null) await add({ name, size: 0, type: 'symlink', mode: 0o777, linkname: target }, []);
      else if (size > LARGE)
        await add({ name, size, type: 'file', mode }, createReadStream(from)).catch(unsendable(from));
      else await add({ name, size: content.length, type: 'file', mode }, [content]);
      if (isPointer(content)) pointers.push(from);
    }
    controller.finalize();
  }

  async function add(
    header: Parameters<typeof controller.add>[0],
    content: AsyncIterable<Buffer> | readonly Buffer[],
  ): Promise<void> {
    const body = controller.add({ ...header, mtime: new Date(0), uid: 0, gid: 0 }).getWriter();
    for await (const chunk of content) if (chunk.length > 0) await body.write(chunk);
    await body.close();
  }
}

/** At once: a promise for each of 10,000 small files takes longer than reading them. */
function contentOf(from: string): Buffer {
  try {
    return readFileSync(from);
  } catch (error) {
    return unsendable(from)(error as NodeJS.ErrnoException);
  }
}

const unsendable =
  (from: string) =>
  (error: NodeJS.ErrnoException): never => {
    const why = error.code === 'EACCES' ? 'you may not read it' : (error.code ?? error.message);
    throw new Failure(`cannot send ${from}: ${why}`, {
      next: 'name it in .sortieignore if the run does not need it',
    });
  };

/** Every folder of the archive, outermost first. */
function foldersOf(entries: readonly Entry[]): string[] {
  const folders = new Set<string>();
  for (const { name } of entries)
    for (let at = name.indexOf('/'); at >= 0; at = name.indexOf('/', at + 1))
      folders.add(name.slice(0, at + 1));
  return [...folders].sort();
}

/** @see https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md */
const POINTER = Buffer.from('version https://git-lfs.github.com/spec/');
const isPointer = (content: Buffer): boolean =>
  content.length < 1024 && content.subarray(0, POINTER.length).equals(POINTER);
