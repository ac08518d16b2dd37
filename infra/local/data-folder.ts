import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { processIdentity } from './instance/processes.ts';
import { answers } from './wire/port.ts';
import type { Credentials } from './wire/signature.ts';

/** Another Sortie works on the same folder: two of them would run one stream's records twice. */
class DataLocked extends Error {
  readonly code = 'SORTIE_DATA_LOCKED';
}

/** The folder, or something in it, may have been laid there by somebody else. */
class DataUnsafe extends Error {
  readonly code = 'SORTIE_DATA_UNSAFE';
}

/**
 * Makes the folder, or sees to it that it is ours alone: whoever prepares one would choose the administrator's token, or
 * have us write where a link leads. Throws `SORTIE_DATA_UNSAFE` where it cannot be told who wrote in it.
 */
export function secureDataFolder(dataDir: string): void {
  makeFolder(dataDir);
  for (const stats of [lstatSync(dataDir), statSync(dataDir)]) beOurs(dataDir, stats);
  const { mode } = statSync(dataDir);
  const entries = readdirSync(dataDir);
  if ((mode & 0o022) !== 0 && entries.length > 0)
    throw new DataUnsafe(`other users may write in ${dataDir} (mode ${(mode & 0o777).toString(8)})`);
  if ((mode & 0o077) !== 0) chmodSync(dataDir, 0o700);
  for (const entry of entries) {
    const path = join(dataDir, entry);
    const stats = lstatSync(path);
    if (stats.isSymbolicLink()) throw new DataUnsafe(`${path} is a symbolic link`);
    beOurs(path, stats);
    if (stats.isFile() && (stats.mode & 0o077) !== 0) chmodSync(path, 0o600);
  }
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch {
    // On a read-only filesystem Node's recursive one says ENOENT; this one says why.
    mkdirSync(path, { mode: 0o700 });
  }
}

function beOurs(path: string, { uid }: Stats): void {
  const own = process.getuid?.() ?? uid;
  if (uid !== own) throw new DataUnsafe(`${path} belongs to user ${uid}, and Sortie runs as user ${own}`);
}

/** Takes the folder for this process. What a killed process left locked is free again. */
export function lockDataFolder(dataDir: string): { release(): void } {
  const path = join(dataDir, 'lock');
  const own = JSON.stringify({ pid: process.pid, started: processIdentity(process.pid) });
  if (existsSync(path)) {
    const { pid, started } = readLock(path);
    if (started !== undefined && processIdentity(pid) === started)
      throw new DataLocked(`${dataDir} is in use by process ${pid}`);
    rmSync(path, { force: true });
  }
  try {
    writeFileSync(path, own, { flag: 'wx', mode: 0o600 });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    throw new DataLocked(`${dataDir} is in use by another process`, { cause });
  }
  return { release: () => rmSync(path, { force: true }) };
}

function readLock(path: string): { pid: number; started: string | undefined } {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as { pid: number; started: string | undefined };
  } catch (error) {
    // Half-written by a process killed in the act.
    if (error instanceof SyntaxError) return { pid: 0, started: undefined };
    throw error;
  }
}

/** The admin's token, made at the first start and readable by its owner alone. */
export function adminToken(dataDir: string): { token: string; sha256: string } {
  const path = join(dataDir, 'token');
  if (!existsSync(path))
    writeFileSync(path, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  const token = readFileSync(path, 'utf8').trim();
  return { token, sha256: createHash('sha256').update(token).digest('hex') };
}

/**
 * The embedded AWS's own credentials, made at the first start: nobody else on the machine may call it. In the format of
 * the AWS CLI, which takes them with `AWS_SHARED_CREDENTIALS_FILE=DATA/credentials`.
 */
export function awsCredentials(dataDir: string): Credentials {
  const path = join(dataDir, 'credentials');
  if (!existsSync(path)) {
    // As long as AWS's.
    const [id, secret] = [
      randomBytes(8).toString('hex').toUpperCase(),
      randomBytes(30).toString('base64url'),
    ];
    const text = `[default]\naws_access_key_id = AKIA${id}\naws_secret_access_key = ${secret}\n`;
    writeFileSync(path, text, { mode: 0o600, flag: 'wx' });
  }
  const credentials = credentialsIn(readFileSync(path, 'utf8'));
  if (credentials === undefined)
    throw new Error(`${path} is damaged: remove it while Sortie is stopped, and start it again`);
  return credentials;
}

export function credentialsIn(text: string): Credentials | undefined {
  const value = (name: string) => new RegExp(`^${name} *= *(\\S+)$`, 'm').exec(text)?.[1];
  const [accessKeyId, secretAccessKey] = [value('aws_access_key_id'), value('aws_secret_access_key')];
  return accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey } : undefined;
}

/** Since when a fast clock runs, the same over restarts: it would else go back with each. Epoch ms. */
export function clockOrigin(dataDir: string): number {
  const path = join(dataDir, 'clock-origin');
  if (!existsSync(path)) writeFileSync(path, String(Date.now()), { mode: 0o600 });
  return Number(readFileSync(path, 'utf8'));
}

/**
 * A port that stays the same over restarts: bundles name the one where runners report, and links to bundles that of
 * the bucket; a runner that finds nobody there tries on. Where somebody else has taken it, a new one is chosen, and
 * instances are asked by SSM instead.
 */
export async function keptPort(
  dataDir: string,
  what: 'report' | 's3',
): Promise<{ port: number; keep(port: number): void }> {
  const path = join(dataDir, `${what}-port`);
  const kept = existsSync(path) ? Number(readFileSync(path, 'utf8')) : 0;
  const free = kept > 0 && !(await answers(kept));
  return { port: free ? kept : 0, keep: (port) => writeFileSync(path, String(port), { mode: 0o600 }) };
}
