import { openAsBlob } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type CodeArchive, partsOf } from '../../domain/run/code.ts';
import type { Client } from '../client/client.ts';
import type { Configuration } from '../configuration.ts';
import { Exit, Failure } from '../exit.ts';
import { err } from '../terminal/output.ts';
import { during } from '../terminal/progress.ts';
import { counted } from '../terminal/units.ts';
import { type Entry, entriesOf } from './entries.ts';
import { lastTime, remember } from './known.ts';
import { packInto } from './pack.ts';

/** The files that a configuration names, found and counted and not read yet; null: it names none. */
export async function filesOf({ file, task, invalid }: Configuration): Promise<readonly Entry[] | null> {
  if (partsOf(task).length === 0) return null;
  const beside = dirname(file);
  return during('looking for the files of the run', entriesOf(task, beside, invalid));
}

/** Has the files stored, unless they are, and says so in a line. */
export async function sendFiles(
  client: Client,
  { file }: Configuration,
  entries: readonly Entry[],
): Promise<CodeArchive> {
  const began = Date.now();
  const origin = resolve(file);
  const last = lastTime(origin, entries);
  const size = entries.reduce((sum, entry) => sum + entry.size, 0);
  const told: string[] = [counted(entries.length, 'file'), inUnits(size)];
  if (last !== null)
    told.push(last.changed === 0 ? 'unchanged' : `${last.changed.toLocaleString('en-US')} changed`);

  if (last?.changed === 0 && (await client.storeCode(last.archive)).state === 'there') {
    warnOf(last.pointers);
    err.line(`code: ${told.join(', ')}`);
    return last.archive;
  }
  const folder = await mkdtemp(join(tmpdir(), 'sortie-code-'));
  try {
    const packed = join(folder, 'code.tgz');
    const { pointers, ...archive } = await during('packing the files of the run', packInto(packed, entries));
    warnOf(pointers);
    const how = await during(`uploading ${inUnits(archive.bytes)}`, stored(client, archive, packed));
    remember(origin, entries, { archive, pointers }, began);
    const seconds = ((Date.now() - began) / 1000).toFixed(1);
    err.line(`code: ${told.join(', ')}, ${how === 'there' ? 'stored before' : `uploaded in ${seconds} s`}`);
    return archive;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const TRIES = 4;

async function stored(client: Client, archive: CodeArchive, file: string): Promise<'there' | 'uploaded'> {
  for (let tries = 1; ; tries++) {
    // Asked anew each time: the link before may have run out, and the archive may have come whole.
    const asked = await client.storeCode(archive);
    if (asked.state === 'there') return tries === 1 ? 'there' : 'uploaded';
    const wrong = await put(asked.upload, file);
    if (wrong === null) return 'uploaded';
    if (tries === TRIES)
      throw new Failure(`the files of the run were not stored: ${wrong}; nothing was submitted`, {
        exit: Exit.unreachable,
        next: 'the same command again',
      });
    await pause(500 * 2 ** tries);
  }
}

async function put(
  { url, headers }: { readonly url: string; readonly headers: Readonly<Record<string, string>> },
  file: string,
): Promise<string | null> {
  // A Blob of a file is read as it is sent, and its length is that of the request.
  const { 'content-length': _, ...others } = headers;
  const body = await openAsBlob(file, { type: others['content-type'] ?? '' });
  try {
    const answer = await fetch(url, { method: 'PUT', headers: others, body });
    const text = await answer.text();
    return answer.ok ? null : (/<Message>([^<]*)</.exec(text)?.[1] ?? `HTTP ${answer.status}`);
  } catch (error) {
    const { cause } = error as { cause?: NodeJS.ErrnoException };
    return cause?.code ?? cause?.message ?? String(error);
  }
}

function warnOf(pointers: readonly string[]): void {
  const [first] = pointers;
  if (first === undefined) return;
  const others = pointers.length > 1 ? ` and ${counted(pointers.length - 1, 'other')}` : '';
  const text = `warning: ${first}${others} went as Git LFS pointers, without their content; to have it: git lfs pull`;
  err.line(err.paint.yellow(text));
}

/** `212 KB`, `1.4 MB`. */
function inUnits(bytes: number): string {
  const [unit, divisor] =
    bytes < 1024 ** 2
      ? (['KB', 1024] as const)
      : bytes < 1024 ** 3
        ? (['MB', 1024 ** 2] as const)
        : (['GB', 1024 ** 3] as const);
  const amount = bytes / divisor;
  return `${unit === 'KB' ? Math.ceil(amount) : Number(amount.toFixed(1))} ${unit}`;
}
