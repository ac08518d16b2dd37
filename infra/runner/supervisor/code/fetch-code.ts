import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fail, ok, type Result } from '../../../../domain/kernel/result.ts';
import type { BundledCode } from '../../contract.ts';
import { complaint, runCli } from '../container/run-cli.ts';
import { isPassing } from '../exchange.ts';
import type { JobDirectory } from '../job-directory.ts';
import type { Unstarted } from '../unstarted.ts';

const PATIENCE_MS = 60_000;
/** 2 GB onto a slow disk. */
const UNPACKING_MS = 15 * 60_000;

/** The unpacked archive, in the job's directory. */
export const CODE = 'code';

/**
 * Fetches the files of the run and unpacks them beside the working directory: nothing of an archive is used that is not
 * whole. An archive that does not come is not the job's fault: the next submission gets a new link.
 */
export async function fetchCode(
  { link, sha256 }: BundledCode,
  job: JobDirectory,
  signal: AbortSignal,
): Promise<Result<null, Unstarted>> {
  const archive = job.pathOf('code.tgz');
  const until = Date.now() + PATIENCE_MS;
  for (let pause = 200; ; pause = Math.min(2 * pause, 5_000)) {
    const wrong = await download(link, archive, sha256, signal);
    if (wrong === null) break;
    if (signal.aborted || !wrong.passing || Date.now() + pause > until)
      return fail({ cause: 'fetch', message: `cannot fetch the files of the run: ${wrong.what}` });
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  const into = job.pathOf(CODE);
  fs.rmSync(into, { recursive: true, force: true });
  fs.mkdirSync(into);
  // -m: as new files; -o: the supervisor's own, whoever an archive says.
  const argv = ['tar', '-xzmop', '-f', archive, '-C', into];
  const unpacked = await runCli({ argv, env: {}, input: null }, { signal, milliseconds: UNPACKING_MS });
  fs.rmSync(archive);
  if (unpacked.status === 0) return ok(null);
  const full = /No space left|[Qq]uota/.test(unpacked.err);
  return fail({
    cause: full ? 'instance' : 'setup',
    message: `cannot unpack the files of the run: ${complaint(unpacked)}`,
  });
}

type Wrong = { what: string; passing: boolean };

async function download(
  link: string,
  to: string,
  sha256: string,
  signal: AbortSignal,
): Promise<Wrong | null> {
  const hash = createHash('sha256');
  try {
    const reply = await fetch(link, { signal });
    if (!reply.ok || reply.body === null)
      return { what: `HTTP ${reply.status}`, passing: isPassing(reply.status) };
    const body = Readable.fromWeb(reply.body);
    body.on('data', (chunk) => hash.update(chunk));
    await pipeline(body, fs.createWriteStream(to, { mode: 0o600 }), { signal });
  } catch (error) {
    const { code, cause } = error as NodeJS.ErrnoException & { cause?: NodeJS.ErrnoException };
    // A full disk is no matter of the network.
    if (code === 'ENOSPC' || code === 'EDQUOT') throw error;
    return { what: `${code ?? cause?.code ?? 'the connection broke'}`, passing: true };
  }
  return hash.digest('hex') === sha256
    ? null
    : { what: 'it is not the archive that was submitted', passing: true };
}
